/** Which of the kernel's rules is the one a line means: struct fib_rule_hdr and FRA_* in the kernel's own bytes. */
import assert from 'node:assert/strict';
import { decodeRule, encodeRule, isRule, type RuleSpec } from '../../../src/net/route/rule.js';

const rule: RuleSpec = {
  family: 'ipv4',
  not: false,
  tos: 0,
  action: { kind: 'lookup', table: 254 },
  priority: 32_766,
};

/** `ip rule` of a fresh namespace, 32766: from all lookup main, as RTM_GETRULE tells it. */
const OWN_MAIN = Buffer.from(
  [
    '02000000fe00000100000000', // fib_rule_hdr: AF_INET, table 254, to a table
    '08000f00fe000000', // FRA_TABLE 254
    '08000e00ffffffff', // FRA_SUPPRESS_PREFIXLEN -1
    '08000600fe7f0000', // FRA_PRIORITY 32766
    '0500150002000000', // FRA_PROTOCOL kernel
  ].join(''),
  'hex',
);

const SAME_BUT_FOR: readonly (readonly [word: string, change: Partial<RuleSpec>])[] = [
  ['suppress_prefixlength', { suppressPrefixLength: 0 }],
  ['tos', { tos: 0x10 }],
  ['ipproto', { ipProto: 6 }],
  ['sport', { sourcePorts: { from: 80, to: 80 } }],
  ['dport', { destinationPorts: { from: 443, to: 443 } }],
  ['fwmark', { fwmark: { mark: 5, mask: 0xffffffff } }],
  ['fwmark 0', { fwmark: { mark: 0, mask: 0xf } }],
];

const decode = (spec: RuleSpec) => decodeRule(Buffer.from(encodeRule(spec))) ?? assert.fail();

describe('net/route/rule: the one a line means', () => {
  it('the kernel’s own `lookup main` is known', () => {
    const own = decodeRule(OWN_MAIN);
    assert.ok(own && isRule(own, rule));
    assert.equal(own.priority, 32_766);
  });

  for (const [word, change] of SAME_BUT_FOR) {
    it(`a rule with ${word} is none without, nor the kernel's own`, () => {
      const special = { ...rule, ...change };
      assert.ok(isRule(decode(special), special));
      assert.ok(!isRule(decode(special), rule));
      assert.ok(!isRule(decode(rule), special));
      assert.ok(!isRule(decodeRule(OWN_MAIN) ?? assert.fail(), special));
    });
  }

  for (const [what, one, other] of [
    ['ports', { destinationPorts: { from: 80, to: 80 } }, { destinationPorts: { from: 80, to: 90 } }],
    ['marks', { fwmark: { mark: 1, mask: 3 } }, { fwmark: { mark: 2, mask: 3 } }],
    ['masks', { fwmark: { mark: 1, mask: 1 } }, { fwmark: { mark: 1, mask: 3 } }],
    ['protocols', { ipProto: 6 }, { ipProto: 17 }],
    ['goto', { action: { kind: 'goto', priority: 100 } }, { action: { kind: 'goto', priority: 200 } }],
  ] as const) {
    it(`two that differ in ${what} are two`, () => {
      assert.ok(!isRule(decode({ ...rule, ...one }), { ...rule, ...other }));
    });
  }

  it('a rule for some users, of another hand, is not the one for all', () => {
    const uidRange = Buffer.from('0c001400e8030000e8030000', 'hex'); // FRA_UID_RANGE 1000-1000
    const theirs = decodeRule(Buffer.concat([OWN_MAIN, uidRange]));
    assert.ok(theirs && !isRule(theirs, rule));
  });
});
