/** Who goes on as whom in a reload. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { type Former, heirsOf } from '../../src/vrrp/heirs.js';
import { instance } from '../support/instances.js';
import { createRandom } from '../support/random.js';
import { SEED } from '../support/seed.js';

const vi = (name: string, virtualRouterId: number, change: Partial<InstanceConfig> = {}) =>
  instance({ name, virtualRouterId, ...change });

function label({ name, virtualRouterId }: InstanceConfig): string {
  return `${name} ${virtualRouterId}`;
}

/** `A 51 → B 52`, in the order of the formers. */
function heirs(formers: readonly Former[], wanted: readonly InstanceConfig[]): readonly string[] {
  const found = heirsOf(formers, wanted);
  return formers.flatMap((former) => {
    const heir = found.get(former);
    return heir === undefined ? [] : [`${label(former.config)} → ${label(heir)}`];
  });
}

const VMAC = { interface: 'vlan', macAddress: '00:00:5e:00:01:33', xmitBase: false };

const of = (...configs: readonly InstanceConfig[]): readonly Former[] =>
  configs.map((config) => ({ config }));

describe('vrrp/heirs', () => {
  it('who is the same goes on as that', () => {
    assert.deepEqual(heirs(of(vi('A', 51), vi('B', 52)), [vi('B', 52), vi('A', 51)]), [
      'A 51 → A 51',
      'B 52 → B 52',
    ]);
  });

  for (const [what, former, next] of [
    ['another number', vi('A', 51), vi('A', 52)],
    ['another interface', vi('A', 51), vi('A', 51, { interface: 'eth1' })],
    ['another name', vi('A', 51), vi('B', 51)],
    [
      'another name and number, and the same macvlan',
      vi('A', 51, { vmac: VMAC }),
      vi('B', 52, { vmac: VMAC }),
    ],
    ['another name and version', vi('A', 51), vi('B', 51, { version: 2 })],
  ] as const) {
    it(`${what}: it has an heir`, () => {
      assert.deepEqual(heirs(of(former), [next]), [`${label(former)} → ${label(next)}`]);
    });
  }

  it('another name and number: nothing is left of it', () => {
    assert.deepEqual(heirs(of(vi('A', 51)), [vi('B', 52)]), []);
  });

  it('a merge: the virtual router goes on before the name, for the heir listens where it does', () => {
    for (const formers of [
      [vi('A', 51), vi('B', 52)],
      [vi('B', 52), vi('A', 51)],
    ])
      assert.deepEqual(heirs(of(...formers), [vi('A', 52)]), ['B 52 → A 52']);
  });

  it('a split: one of the two goes on, the other is new', () => {
    assert.deepEqual(heirs(of(vi('A', 51)), [vi('A', 52), vi('B', 51)]), ['A 51 → B 51']);
  });

  it('two that swap their numbers swap their names', () => {
    assert.deepEqual(heirs(of(vi('A', 51), vi('B', 52)), [vi('A', 52), vi('B', 51)]), [
      'A 51 → B 51',
      'B 52 → A 52',
    ]);
  });

  it('an heir that waits keeps its predecessor, whatever else would suit that', () => {
    const waiting = [{ config: vi('A', 51), awaitedBy: vi('B', 52) }];
    assert.deepEqual(heirs(waiting, [vi('A', 51), vi('B', 52)]), ['A 51 → B 52']);
    assert.deepEqual(heirs(waiting, [vi('A', 51)]), ['A 51 → A 51'], 'unless it is not wanted any more');
  });

  it(`nobody has two heirs, no heir two predecessors, and who can go on does (FUZZ_SEED=${SEED})`, () => {
    const random = createRandom(SEED);
    const some = () => {
      const numbers = [51, 52, 53, 54].sort(() => random() - 0.5);
      const all = ['A', 'B', 'C', 'D'].map((name, i) =>
        vi(name, numbers[i] ?? 0, { version: random() < 0.2 ? 2 : 3 }),
      );
      return all.filter(() => random() < 0.6);
    };
    for (let round = 0; round < 2000; round += 1) {
      const [formers, wanted] = [of(...some()), some()];
      const found = heirsOf(formers, wanted);
      const taken = [...found.values()];
      assert.equal(new Set(taken).size, taken.length);
      for (const former of formers) {
        const same = wanted.find((each) => JSON.stringify(each) === JSON.stringify(former.config));
        if (same !== undefined) assert.equal(found.get(former), same);
        else if (!found.has(former)) {
          const free = wanted.filter((each) => !taken.includes(each));
          const { name, virtualRouterId } = former.config;
          assert.ok(free.every((each) => each.name !== name && each.virtualRouterId !== virtualRouterId));
        }
      }
    }
  });
});
