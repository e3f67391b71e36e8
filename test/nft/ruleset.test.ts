/** What lvsd tells nftables, word for word: docs/overflow.md shows it to operators. */
import assert from 'node:assert/strict';
import { isName } from '../../src/nft/admission.js';
import type { TableRead } from '../../src/nft/read-back.js';
import { clientKey, EXPECTED_BASE, type RulesetOptions, renderTable } from '../../src/nft/ruleset.js';
import { admitted, space } from '../support/admissions.js';

const FRESH: RulesetOptions = { have: undefined, frozen: new Set(), replaced: new Map() };
const BASE_CHAIN = { name: 'prerouting', base: EXPECTED_BASE };

function rules(text: string, chain: string): string[] {
  const start = `add rule inet lvsd ${chain} `;
  return text
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length));
}

function table(changes: Partial<TableRead>): TableRead {
  return { sets: [], chains: [], counters: new Map(), shape: new Map(), ...changes };
}

describe('the ruleset of admissions', () => {
  const one = { spaces: [space()], services: [admitted()] };

  it('an open door: who is in goes to the pool, a newcomer while there is a place, everybody else to the sorry server', () => {
    assert.deepEqual(rules(renderTable(one, FRESH), 'service_shop'), [
      'ip saddr @sessions_shop update @sessions_shop { ip saddr timeout 30s } meta mark set 1000 return',
      'tcp flags & (fin|syn|rst|ack) == syn update @sessions_shop { ip saddr timeout 30s } counter name admitted_shop meta mark set 1000 return',
      'meta mark set 1001',
      'tcp flags & (fin|syn|rst|ack) == syn counter name turned_away_shop',
    ]);
  });

  it('a closed door lets nobody in and nobody out', () => {
    const closed = { ...one, services: [admitted({ door: 'closed' })] };
    const text = rules(renderTable(closed, FRESH), 'service_shop');
    assert.match(text[0] ?? '', /^ip saddr @sessions_shop update .* meta mark set 1000 return$/);
    assert.equal(text[1], 'meta mark set 1001');
  });

  it('a shut door sends all to the sorry server, and who comes back keeps the place', () => {
    const shut = { ...one, services: [admitted({ door: 'shut' })] };
    const text = renderTable(shut, FRESH);
    assert.equal(
      rules(text, 'service_shop')[0],
      'ip saddr @sessions_shop update @sessions_shop { ip saddr timeout 30s }',
    );
    assert.doesNotMatch(text, /mark set 1000/);
  });

  it('a frozen space admits nobody although its door is open', () => {
    const text = renderTable(one, { ...FRESH, frozen: new Set(['shop']) });
    assert.doesNotMatch(text, /counter name admitted_shop/);
  });

  it('of UDP any packet may begin a session', () => {
    const udp = { ...one, services: [admitted({ protocol: 'udp' })] };
    assert.match(rules(renderTable(udp, FRESH), 'service_shop')[1] ?? '', /^update @sessions_shop/);
  });

  it('a network may count as one client', () => {
    assert.equal(clientKey(space({ prefixLength: 24 })), 'ip saddr & 255.255.255.0');
    assert.equal(clientKey(space({ prefixLength: 20 })), 'ip saddr & 255.255.240.0');
    assert.equal(clientKey(space({ family: 'ipv6', prefixLength: 64 })), 'ip6 saddr & ffff:ffff:ffff:ffff::');
    assert.equal(clientKey(space({ family: 'ipv6', prefixLength: 128 })), 'ip6 saddr');
    const text = renderTable({ spaces: [space({ prefixLength: 24 })], services: [admitted()] }, FRESH);
    assert.match(
      rules(text, 'service_shop')[0] ?? '',
      /^ip saddr & 255\.255\.255\.0 == @sessions_shop update @sessions_shop \{ ip saddr & 255\.255\.255\.0 timeout 30s \}/,
    );
  });

  it('services are told apart by address, protocol and port, with a port before those for every port', () => {
    const services = [
      admitted({
        endpoints: [
          { address: '10.0.0.100', port: 80 },
          { address: '10.0.0.100', port: 443 },
        ],
      }),
      admitted({ name: 'all', endpoints: [{ address: '10.0.0.101', port: 0 }] }),
      admitted({ name: 'six', space: 'six', endpoints: [{ address: 'fd00::64', port: 80 }] }),
    ];
    const spaces = [space(), space({ name: 'six', family: 'ipv6', prefixLength: 128 })];
    assert.deepEqual(rules(renderTable({ spaces, services }, FRESH), 'prerouting'), [
      'ip daddr . meta l4proto . th dport vmap { 10.0.0.100 . tcp . 80 : goto service_shop, 10.0.0.100 . tcp . 443 : goto service_shop }',
      'ip daddr . meta l4proto vmap { 10.0.0.101 . tcp : goto service_all }',
      'ip6 daddr . meta l4proto . th dport vmap { fd00::64 . tcp . 80 : goto service_six }',
    ]);
  });

  it('what stays is kept: no set and no counter of a service that stays is removed', () => {
    const have = table({
      sets: [{ name: 'sessions_shop', family: 'ipv4', size: 3 }],
      chains: [BASE_CHAIN, { name: 'service_shop', base: undefined }],
      counters: new Map([['admitted_shop', { packets: 1, bytes: 60 }]]),
    });
    assert.doesNotMatch(renderTable(one, { ...FRESH, have }), /delete/);
  });

  it('what is no longer wanted goes, after what refers to it', () => {
    const have = table({
      sets: [{ name: 'sessions_old', family: 'ipv4', size: 3 }],
      chains: [BASE_CHAIN, { name: 'service_old', base: undefined }],
      counters: new Map([['admitted_old', { packets: 1, bytes: 60 }]]),
    });
    const lines = renderTable(one, { ...FRESH, have }).split('\n');
    const at = (line: string) => lines.indexOf(line);
    assert.ok(at('flush chain inet lvsd prerouting') < at('delete chain inet lvsd service_old'));
    assert.ok(at('delete chain inet lvsd service_old') < at('delete set inet lvsd sessions_old'));
    assert.ok(at('delete counter inet lvsd admitted_old') > 0);
  });

  it('a chain of our name on another hook is made anew', () => {
    const have = table({ chains: [{ name: 'prerouting', base: 'filter input 0 accept' }] });
    assert.match(renderTable(one, { ...FRESH, have }), /delete chain inet lvsd prerouting\n/);
  });

  it('a set of another family is made anew, empty', () => {
    const have = table({ sets: [{ name: 'sessions_shop', family: 'ipv6', size: 3 }] });
    const text = renderTable(one, { ...FRESH, have });
    assert.match(text, /delete set inet lvsd sessions_shop\n/);
    assert.match(
      text,
      /add set inet lvsd sessions_shop { type ipv4_addr; size 3; flags dynamic,timeout; gc-interval 1s; }\n/,
    );
  });

  it('a set that stays is never given another size in place: a full one would then let everybody in', () => {
    const have = table({ sets: [{ name: 'sessions_shop', family: 'ipv4', size: 9 }] });
    assert.match(
      renderTable(one, { ...FRESH, have }),
      /add set inet lvsd sessions_shop { type ipv4_addr; size 9;/,
    );
    const replaced = new Map([['shop', []]]);
    assert.match(
      renderTable(one, { ...FRESH, have, replaced }),
      /delete set [^{]*add set [^{]*{ type ipv4_addr; size 3;/s,
    );
  });

  it('every line speaks of the table lvsd alone', () => {
    for (const line of renderTable(one, FRESH).trimEnd().split('\n')) {
      assert.match(line, /^(add|delete|flush) \w+ inet lvsd( |$)/, line);
    }
    assert.match(renderTable(one, FRESH).split('\n')[0] ?? '', /^add table inet lvsd$/);
  });

  it('a name holds nothing but letters, digits, and _ . -', () => {
    assert.ok(isName('10.0.0.100_80_tcp'));
    for (const name of ['', 'a b', 'a;b', 'a\nb', 'a{', 'ä', 'x'.repeat(201)]) assert.ok(!isName(name), name);
  });
});
