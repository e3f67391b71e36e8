/** What nft prints, as it printed it (1.0.6), and what it might. */
import assert from 'node:assert/strict';
import { carryOver, createElementReader, ElementError } from '../../src/nft/elements.js';
import { describeDifference, parseTable, ReadBackError } from '../../src/nft/read-back.js';

const OWN = { family: 'inet', table: 'lvsd' };
const SET = {
  ...OWN,
  name: 'sessions_shop',
  type: 'ipv4_addr',
  handle: 5,
  size: 3,
  flags: ['timeout'],
  'gc-interval': 1,
};
const RULE = { ...OWN, chain: 'service_shop', handle: 6, expr: [{ return: null }] };
const COUNTER = { ...OWN, name: 'admitted_shop', handle: 3, packets: 4, bytes: 240 };

function print(...objects: readonly object[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...objects] });
}

describe('what nft prints', () => {
  it('gives sets, counters and hooks', () => {
    const chain = {
      ...OWN,
      name: 'prerouting',
      handle: 2,
      type: 'filter',
      hook: 'prerouting',
      prio: -150,
      policy: 'accept',
    };
    const table = parseTable(print({ set: SET }, { counter: COUNTER }, { chain }));
    assert.deepEqual(table.sets, [{ name: 'sessions_shop', family: 'ipv4', size: 3 }]);
    assert.deepEqual(table.chains, [{ name: 'prerouting', base: 'filter prerouting -150 accept' }]);
    assert.deepEqual([...table.counters], [['admitted_shop', { packets: 4, bytes: 240 }]]);
  });

  it('has the same shape after counting, and after a rule was written again', () => {
    const before = parseTable(print({ set: SET }, { counter: COUNTER }, { rule: RULE }));
    const after = parseTable(
      print(
        { set: { ...SET, handle: 9 } },
        { counter: { ...COUNTER, packets: 9 } },
        { rule: { ...RULE, handle: 8 } },
      ),
    );
    assert.deepEqual(describeDifference(before.shape, after.shape), []);
  });

  it('tells what another hand did', () => {
    const before = parseTable(print({ set: SET }, { counter: COUNTER }, { rule: RULE }));
    const after = parseTable(
      print({ set: SET }, { rule: { ...RULE, expr: [] } }, { set: { ...SET, name: 'mine' } }),
    );
    assert.deepEqual(describeDifference(before.shape, after.shape), [
      'counter admitted_shop was gone: added back',
      'chain service_shop was changed: set back',
      'set mine was added by someone: removed',
    ]);
  });

  it('a set that never forgets is none of ours', () => {
    for (const wrong of [
      { ...SET, flags: [] },
      { ...SET, 'gc-interval': undefined },
      { ...SET, type: 'ether_addr' },
    ]) {
      assert.equal(parseTable(print({ set: wrong })).sets[0]?.family, undefined);
    }
  });

  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"nftables":3}',
    '{"nftables":[null]}',
    '{"nftables":[{"set":3}]}',
  ]) {
    it(`"${text}" is refused`, () => assert.throws(() => parseTable(text), ReadBackError));
  }
});

describe('sessions as nft lists them', () => {
  const text = `table inet lvsd {
	set sessions_shop {
		type ipv4_addr
		size 3
		flags dynamic,timeout
		gc-interval 1s
		elements = { 10.0.0.1 timeout 1m40s expires 49s100ms, 10.0.0.2 timeout 30s expires 28s980ms,
			     fd00::1 timeout 30s expires 1s, 10.0.0.9 }
	}
}
`;
  const elements = [
    '10.0.0.1 timeout 1m40s expires 49s100ms',
    '10.0.0.2 timeout 30s expires 28s980ms',
    'fd00::1 timeout 30s expires 1s',
    '10.0.0.9',
  ];

  it('are the same however the text is cut into pieces', () => {
    for (let size = 1; size <= text.length; size += 1) {
      const reader = createElementReader();
      const found: string[] = [];
      for (let at = 0; at < text.length; at += size) found.push(...reader.read(text.slice(at, at + size)));
      assert.deepEqual(found, elements, `pieces of ${size}`);
    }
  });

  for (const [listed, written] of [
    ['10.0.0.1 timeout 30s expires 9s100ms', '10.0.0.1 timeout 30000ms expires 30000ms'],
    ['10.0.0.1 timeout 20s expires 9s100ms', '10.0.0.1 timeout 30000ms expires 30000ms'],
    ['fd00::1 timeout 1w1d2h3m4s5ms expires 1m1s', 'fd00::1 timeout 698584005ms expires 61000ms'],
    ['10.0.0.1 timeout 30s expires 59s', '10.0.0.1 timeout 59000ms expires 59000ms'],
    ['10.0.0.9', '10.0.0.9'],
  ] as const) {
    it(`${listed} is carried over into a set of 30 s as ${written}`, () =>
      assert.equal(carryOver(listed, 30_000), written));
  }

  it('an empty set has none', () => {
    assert.deepEqual(createElementReader().read(text.replace(/elements = [^}]*}/, '')), []);
  });

  it('what is no session is refused, for it would be written back', () => {
    for (const bad of ['10.0.0.1; flush ruleset', 'x', '10.0.0.1 comment "a"']) {
      assert.throws(() => createElementReader().read(`elements = { ${bad} }`), ElementError, bad);
    }
  });
});
