/** Draining by command and by reload, told by the table that is wanted. */
import assert from 'node:assert/strict';
import type { Service } from '../../src/ipvs/table.js';
import type { OverflowConfig, VirtualServerConfig } from '../../src/pool/config.js';
import type { DestinationReading } from '../../src/pool/flow.js';
import { createManager, DrainError } from '../../src/pool/manager.js';
import { parseSaved, type Saved, SavedStateError } from '../../src/pool/saved.js';
import { createFakeClock } from '../support/fake-clock.js';
import { realServer, sorryServer, tableText, virtualServer } from '../support/pools.js';

const VS = '10.0.0.100:80 tcp';

/** A manager over a kernel whose counts the test sets. */
function director(config: VirtualServerConfig, restored?: Saved) {
  const clock = createFakeClock(0, Date.UTC(2026, 0, 1));
  const counts = new Map<string, Partial<DestinationReading>>();
  const lines: string[] = [];
  let service: Service | undefined;
  const log = (_: object, text: string) => void lines.push(text);
  const manager = createManager({
    clock,
    want: (_, wanted) => {
      service = wanted;
    },
    admit: async () => {},
    read: async () => [
      (service?.destinations ?? []).map(({ address, port, upperThreshold, lowerThreshold }) => {
        const id = `${address}:${port}`;
        const nobody = { active: 0, inactive: 0, total: 0, perSecond: 0 };
        return { id, ...nobody, upperThreshold, lowerThreshold, ...counts.get(id) };
      }),
    ],
    runScript: () => {},
    log: { info: log, warn: log },
  });
  if (restored !== undefined) manager.restore(restored);
  const configure = (next: VirtualServerConfig) => manager.configure([next], { rsInitNotifies: false });
  configure(config);
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
  };
  const drain = (last: number, undo = false) =>
    manager.drain({ virtualServer: VS, realServer: `10.0.0.${last}:80`, undo });
  return {
    manager,
    counts,
    configure,
    pass,
    drain,
    lines,
    table: () => tableText(service?.destinations ?? []),
  };
}

const both = virtualServer({ realServers: [realServer(1), realServer(2)] });
const one = virtualServer({ realServers: [realServer(1)] });

describe('a server that leaves', () => {
  it('by reload keeps its connections with weight 0, and goes when they have ended', async () => {
    const d = director(both);
    d.counts.set('10.0.0.2:80', { active: 3 });
    d.configure(one);
    assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.2 w0');
    await d.pass(10_000);
    assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.2 w0');
    d.counts.set('10.0.0.2:80', { active: 0, inactive: 7 });
    await d.pass(1000);
    assert.equal(d.table(), '10.0.0.1 w1');
    assert.match(d.lines.at(-1) ?? '', /10\.0\.0\.2:80 .* has left: no connections are left/);
  });

  it('goes after drain_timeout whoever is still there', async () => {
    const d = director(both);
    d.counts.set('10.0.0.2:80', { active: 3 });
    d.configure({ ...one, drainTimeoutMs: 5000 });
    await d.pass(4900);
    assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.2 w0');
    await d.pass(200);
    assert.equal(d.table(), '10.0.0.1 w1');
  });

  it('goes at once with drain_timeout 0', () => {
    const d = director(both);
    d.configure({ ...one, drainTimeoutMs: 0 });
    assert.equal(d.table(), '10.0.0.1 w1');
  });

  it('is a member again when the next file has it', () => {
    const d = director(both);
    d.configure(one);
    d.configure(both);
    assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.2 w1');
  });

  it('waits for inactive ones too where there are no others: UDP', async () => {
    const services = [
      { kind: 'address', family: 'ipv4', protocol: 'udp', address: '10.0.0.100', port: 53 },
    ] as const;
    const d = director({ ...both, services });
    d.counts.set('10.0.0.2:80', { inactive: 3 });
    d.configure({ ...one, services });
    await d.pass(5000);
    assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.2 w0');
  });

  it('by command stays away over reload and restart, until that is undone', async () => {
    const d = director(both);
    d.drain(2);
    await d.pass(2000);
    assert.equal(d.table(), '10.0.0.1 w1');
    d.configure(both);
    assert.equal(d.table(), '10.0.0.1 w1');
    const saved = parseSaved(JSON.parse(JSON.stringify(d.manager.saved())));
    const successor = director(both, saved);
    assert.equal(successor.table(), '10.0.0.1 w1');
    successor.drain(2, true);
    assert.equal(successor.table(), '10.0.0.1 w1, 10.0.0.2 w1');
  });

  it('goes on leaving when lvsd is restarted in the middle', async () => {
    const d = director(both);
    d.counts.set('10.0.0.2:80', { active: 3 });
    d.configure({ ...one, drainTimeoutMs: 5000 });
    const saved = parseSaved(JSON.parse(JSON.stringify(d.manager.saved())));
    const successor = director({ ...one, drainTimeoutMs: 5000 }, saved);
    successor.counts.set('10.0.0.2:80', { active: 3 });
    assert.equal(successor.table(), '10.0.0.1 w1, 10.0.0.2 w0');
    await successor.pass(5200);
    assert.equal(successor.table(), '10.0.0.1 w1');
  });

  it('does not count for the quorum: with the last one away the sorry server is in', () => {
    const d = director(virtualServer({ realServers: [realServer(1)], sorryServers: [sorryServer()] }));
    d.drain(1);
    assert.equal(d.table(), '10.0.0.1 w0, 10.0.0.9 w1');
  });

  describe('that is a sorry server', () => {
    const SORRY = '10.0.0.9:80';
    const guarded = (more: Partial<VirtualServerConfig> = {}) =>
      virtualServer({ realServers: [realServer(1)], sorryServers: [sorryServer()], ...more });

    function answering(more?: Partial<VirtualServerConfig>) {
      const d = director(guarded(more));
      d.drain(1);
      d.counts.set(SORRY, { active: 2 });
      return d;
    }

    it('keeps who it has when an undone drain brings the quorum back', async () => {
      const d = answering();
      d.drain(1, true);
      assert.equal(d.table(), '10.0.0.1 w1, 10.0.0.9 w0');
      d.counts.set(SORRY, { active: 0 });
      await d.pass(1500);
      assert.equal(d.table(), '10.0.0.1 w1');
    });

    it('keeps who it has when a reload brings the quorum back, for drain_timeout at the longest', async () => {
      const d = answering({ drainTimeoutMs: 5000 });
      const two = { realServers: [realServer(1), realServer(2)], drainTimeoutMs: 5000 };
      d.configure(guarded(two));
      assert.equal(d.table(), '10.0.0.1 w0, 10.0.0.2 w1, 10.0.0.9 w0');
      await d.pass(4500);
      assert.match(d.table(), /10\.0\.0\.9 w0/);
      await d.pass(1000);
      assert.doesNotMatch(d.table(), /10\.0\.0\.9/);
    });

    it('keeps who it has when the file has it no more', async () => {
      const d = answering();
      const other = sorryServer({ id: 'sorry 10.0.0.8:80', address: '10.0.0.8' });
      d.configure(guarded({ sorryServers: [other] }));
      assert.equal(d.table(), '10.0.0.1 w0, 10.0.0.9 w0, 10.0.0.8 w1');
      d.counts.set(SORRY, { active: 0 });
      await d.pass(1500);
      assert.equal(d.table(), '10.0.0.8 w1');
    });

    it('is not said to have left when it is needed again', async () => {
      const d = answering();
      d.drain(1, true);
      d.drain(1);
      d.counts.set(SORRY, { active: 0 });
      await d.pass(1500);
      assert.equal(d.table(), '10.0.0.9 w1');
      assert.deepEqual(
        d.lines.filter((line) => /sorry.*has left/.test(line)),
        [],
      );
    });

    it('goes at once where clients are persistent: they would stay with it', () => {
      const d = answering({ persistence: { timeoutS: 60, prefixLength: 32 } });
      d.drain(1, true);
      assert.equal(d.table(), '10.0.0.1 w1');
    });

    it('has nobody when lvsd starts', () => {
      assert.equal(director(guarded()).table(), '10.0.0.1 w1');
    });
  });

  it('has to be one', () => {
    const d = director(both);
    assert.throws(() => d.drain(7), new DrainError('10.0.0.100:80 tcp has no real server 10.0.0.7:80'));
    assert.throws(
      () => d.manager.drain({ virtualServer: 'x', realServer: 'y', undo: false }),
      new DrainError('no such virtual server: x; there are: 10.0.0.100:80 tcp'),
    );
  });

  it('is not believed from a state file that was edited', () => {
    const saved = JSON.parse(JSON.stringify(director(both).manager.saved()));
    saved.virtualServers[0].leaving = [{ id: 'x', since: 1, until: 2, destination: { family: 'ipv4' } }];
    assert.throws(() => parseSaved(saved), SavedStateError);
    saved.virtualServers[0].leaving = undefined;
    saved.virtualServers[0].servers[0].drain = { kind: 'away' };
    assert.throws(() => parseSaved(saved), SavedStateError);
  });
});

describe('thresholds changed in the file', () => {
  const modes: readonly [mode: OverflowConfig | undefined, before: number, after: number][] = [
    [undefined, 50, 60],
    [{ mode: 'connections' }, 57, 67],
    [{ mode: 'quiesce', intervalMs: 250 }, 0, 0],
  ];
  for (const [mode, before, after] of modes) {
    it(`are in force after a reload: ${mode?.mode ?? 'without overflow'}`, async () => {
      const config = (upperThreshold: number) =>
        virtualServer({
          scheduler: 'sed',
          realServers: [realServer(1, { upperThreshold })],
          sorryServers: [sorryServer()],
          ...(mode && { overflow: mode }),
        });
      let service: Service | undefined;
      const clock = createFakeClock(0, 0);
      const untold = { total: 0, perSecond: 0, upperThreshold: 0, lowerThreshold: 0 };
      const manager = createManager({
        clock,
        want: (_, wanted) => {
          service = wanted;
        },
        admit: async () => {},
        read: async () => [[{ ...untold, id: '10.0.0.1:80', active: 55, inactive: 7 }]],
        runScript: () => {},
        log: { info: () => {}, warn: () => {} },
      });
      const read = async () => {
        clock.advance(300);
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      };
      manager.configure([config(50)], { rsInitNotifies: false });
      await read();
      assert.equal(service?.destinations[0]?.upperThreshold, before);
      const open = () => (service?.destinations[0]?.weight ?? 0) > 0;
      assert.equal(open(), mode?.mode !== 'quiesce');
      manager.configure([config(60)], { rsInitNotifies: false });
      await read();
      assert.equal(service?.destinations[0]?.upperThreshold, after);
      if (mode?.mode !== 'quiesce') return;
      manager.configure([config(100)], { rsInitNotifies: false });
      await read();
      assert.equal(open(), true);
    });
  }
});
