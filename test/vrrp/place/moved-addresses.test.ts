/** An address that a reload moves from one instance to another: at no moment is it not there, and nobody takes it for lost. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { inTurns } from '../../../src/vrrp/moves.js';
import { createFakeHost, type FakeHost } from '../../support/fake-place.js';
import { instance } from '../../support/instances.js';

const transport = { kind: 'multicast', group: '224.0.0.18', sourceAddress: '10.0.0.1' } as const;

/** A has virtual_router_id 1, B has 2, and so on. */
function one(name: string, ...numbers: readonly number[]): InstanceConfig {
  const addresses = numbers.map((n) => `192.0.2.${n}`);
  return instance({ name, virtualRouterId: name.charCodeAt(0) - 64, addresses, transport });
}

function master(...instances: readonly InstanceConfig[]): FakeHost {
  const host = createFakeHost();
  host.configure(...instances);
  host.clock.advance(10_000);
  assert.ok(host.director.instances().every(({ state }) => state === 'MASTER'));
  host.kernel.log.length = 0;
  return host;
}

const deleted = ({ kernel }: FakeHost) => kernel.log.filter((line) => line.startsWith('delete address'));

function held({ kernel, director }: FakeHost): readonly string[] {
  assert.ok(director.instances().every(({ drifts }) => drifts === 0));
  return kernel.addresses().map((line) => line.replace(/^192\.0\.2\.(\d+)\/.*$/, '$1'));
}

describe('an address that a reload moves between instances', () => {
  it('stays, whichever of the two stands first in the file', () => {
    for (const order of [
      [one('A', 1), one('B', 2, 3)],
      [one('B', 2, 3), one('A', 1)],
    ]) {
      const host = master(one('A', 1, 3), one('B', 2));
      host.configure(...order);
      assert.deepEqual(deleted(host), []);
      host.clock.advance(10_000);
      assert.deepEqual([deleted(host), held(host).toSorted()], [[], ['1', '2', '3']]);
    }
  });

  it('stays when the one that had it is no longer in the file and hands over', () => {
    const host = master(one('A', 1, 3), one('B', 2));
    host.configure(one('B', 2, 3));
    host.clock.advance(10_000);
    assert.deepEqual(deleted(host), ['delete address 192.0.2.1/32 on eth0']);
    assert.deepEqual(held(host).toSorted(), ['2', '3']);
  });

  it('goes when the other one does not hold its own', () => {
    const host = master(one('A', 1, 3));
    host.configure(one('A', 1, 3), one('B', 2));
    host.configure(one('A', 1), one('B', 2, 3));
    assert.deepEqual(host.director.instances()[1]?.state, 'BACKUP');
    assert.deepEqual(held(host), ['1']);
  });

  it('goes with the one that has it now', async () => {
    const host = master(one('A', 1, 3), one('B', 2));
    host.configure(one('A', 1), one('B', 2, 3));
    host.configure(one('A', 1));
    host.clock.advance(10_000);
    assert.deepEqual(held(host), ['1']);
  });

  it('stays where two give each other one', () => {
    const host = master(one('A', 1, 3), one('B', 2, 4));
    host.configure(one('A', 1, 4), one('B', 2, 3));
    host.clock.advance(10_000);
    assert.deepEqual([deleted(host), held(host).toSorted()], [[], ['1', '2', '3', '4']]);
    host.configure(one('A', 1, 4));
    host.clock.advance(10_000);
    assert.deepEqual(held(host).toSorted(), ['1', '4']);
  });
});

describe('vrrp/moves', () => {
  const names = (before: readonly InstanceConfig[], next: readonly InstanceConfig[]) =>
    inTurns(before, next).map((together) => together.map(({ name }) => name).join(' '));

  it('an instance that changes nothing with another has a turn of its own, in the order of the file', () => {
    const all = [one('A', 1), one('B', 2), one('C', 3)];
    assert.deepEqual(names(all, all), ['A', 'B', 'C']);
    assert.deepEqual(names([], all), ['A', 'B', 'C']);
    assert.deepEqual(names(all, [one('A', 4), one('B'), one('C', 3)]), ['A', 'B', 'C']);
  });

  it('whoever gets an address comes before whom it is taken from, in one turn', () => {
    const before = [one('A', 1), one('B', 2), one('C', 3), one('D', 4)];
    assert.deepEqual(names(before, [one('A'), one('B', 2), one('C', 3), one('D', 4, 1)]), ['D A', 'B', 'C']);
    assert.deepEqual(names(before, [one('A'), one('B', 1), one('C', 2), one('D', 4)]), ['C B A', 'D']);
    assert.deepEqual(names(before, [one('A', 2), one('B', 3), one('C', 1), one('D', 4)]), ['B C A', 'D']);
  });
});
