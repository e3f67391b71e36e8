/** Whole lives of virtual servers, told by the table that is wanted, the scripts that run and the lines that are logged. */
import assert from 'node:assert/strict';
import type { Service } from '../../src/ipvs/table.js';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { createManager, type HealthUpdate, type Manager } from '../../src/pool/manager.js';
import { parseSaved } from '../../src/pool/saved.js';
import { serviceText } from '../../src/pool/text.js';
import { admitted, space } from '../support/admissions.js';
import { createFakeClock } from '../support/fake-clock.js';
import { checker, realServer, script, sorryServer, tableText, virtualServer } from '../support/pools.js';

const WALL = Date.UTC(2026, 0, 1);
const VS = '10.0.0.100:80 tcp';

/** A manager whose every effect is a line of the story, and the table it has asked for so far. */
function director(startAt = 0) {
  const clock = createFakeClock(startAt, WALL);
  const lines: string[] = [];
  const table = new Map<string, Service>();
  const manager = createManager({
    clock,
    want: (key, service) => {
      const text = serviceText(key);
      lines.push(`${text} = ${service ? tableText(service.destinations) : 'nothing'}`);
      if (service) table.set(text, service);
      else table.delete(text);
    },
    admit: async ({ services }) => {
      lines.push(`doors: ${services.map(({ name, door }) => `${name} ${door}`).join(', ')}`);
    },
    read: async (keys) => keys.map(() => []),
    runScript: ({ argv }, { target, event }) => lines.push(`run ${argv.join(' ')} (${target}: ${event})`),
    log: { info: (_, text) => lines.push(text), warn: (_, text) => lines.push(text) },
  });
  const told = () => lines.splice(0);
  return { clock, manager, table, told };
}

type Director = ReturnType<typeof director>;

function check(d: Director, last: number, up: boolean, more: object = {}): void {
  d.manager.setHealth(verdict(d, last, up, more));
}

function verdict({ clock }: Director, last: number, up: boolean, more: object = {}): HealthUpdate {
  const realServer = `10.0.0.${last}:80`;
  const reason = up ? 'connected' : 'connection refused';
  return {
    checker: `${realServer}/check`,
    virtualServer: VS,
    realServer,
    up,
    reason,
    at: clock.now(),
    ...more,
  };
}

function configure(manager: Manager, ...virtualServers: VirtualServerConfig[]): void {
  manager.configure(virtualServers, { rsInitNotifies: false });
}

function withSessions(): VirtualServerConfig {
  const { door: _, ...service } = admitted();
  return virtualServer({
    services: [1000, 1001].map((fwmark) => ({ kind: 'fwmark', family: 'ipv4', fwmark })),
    sorryServers: [sorryServer()],
    overflow: { mode: 'sessions', space: space(), service },
    realServers: [realServer(1)],
  });
}

const PLAIN = { realServers: [realServer(1)], sorryServers: [sorryServer()] };
const INSIDE = 'fwmark 1000 ipv4';
const OUTSIDE = 'fwmark 1001 ipv4';

describe('a virtual server with sessions', () => {
  it('has its services first, then its doors, which follow the servers', async () => {
    const d = director();
    configure(d.manager, withSessions());
    assert.deepEqual(d.told().slice(0, 3), [
      `${INSIDE} = 10.0.0.1 w1`,
      `${OUTSIDE} = 10.0.0.9 w1`,
      'doors: shop open',
    ]);
    check(d, 1, false);
    assert.deepEqual(d.told(), [
      `${INSIDE} = 10.0.0.9 w1`,
      'doors: shop shut',
      `10.0.0.1:80 of ${VS} is down: connection refused`,
      `${VS} lost its quorum: weight 0, needed 1; the sorry server is in`,
    ]);
    check(d, 1, true);
    assert.deepEqual(d.told().slice(0, 2), [`${INSIDE} = 10.0.0.1 w1`, 'doors: shop open']);
    configure(d.manager, withSessions());
    assert.ok(!d.told().some((line) => line.startsWith('doors')), 'nothing changed');
  });

  it('a reload that gives it sessions, or takes them away, keeps the old service until its connections had time to end', async () => {
    const d = director();
    configure(d.manager, virtualServer(PLAIN));
    d.told();
    configure(d.manager, withSessions());
    assert.equal(d.told().at(-1), 'doors: shop open');
    assert.equal(d.manager.saved().owned.length, 3, 'a successor would find the old one too');
    await d.clock.advanceAsync(59_999);
    assert.deepEqual(d.told(), []);
    await d.clock.advanceAsync(1);
    assert.deepEqual(d.told(), [`tcp 10.0.0.100:80 = nothing`]);
    configure(d.manager, virtualServer(PLAIN));
    assert.equal(d.told().at(-1), 'doors: ');
    await d.clock.advanceAsync(60_000);
    assert.deepEqual(d.told(), [`${INSIDE} = nothing`, `${OUTSIDE} = nothing`]);
    assert.equal(d.manager.saved().owned.length, 1);
  });

  it('a service given up and taken back within that time stays', async () => {
    const d = director();
    for (const next of [virtualServer(PLAIN), withSessions(), virtualServer(PLAIN)]) {
      configure(d.manager, next);
      await d.clock.advanceAsync(1000);
    }
    d.told();
    await d.clock.advanceAsync(120_000);
    assert.deepEqual(d.told(), [`${INSIDE} = nothing`, `${OUTSIDE} = nothing`]);
  });

  it('a virtual server that is removed from the file goes at once, after its marks', async () => {
    const d = director();
    configure(d.manager, withSessions());
    d.told();
    configure(d.manager);
    assert.deepEqual(d.told(), ['doors: ']);
    await d.clock.advanceAsync(0);
    assert.deepEqual(d.told(), [`${INSIDE} = nothing`, `${OUTSIDE} = nothing`]);
  });

  it("a predecessor's doors are taken away when they are wanted no more, and only then", () => {
    const first = director();
    configure(first.manager, withSessions());
    const saved = parseSaved(JSON.parse(JSON.stringify(first.manager.saved())));
    const second = director();
    second.manager.restore(saved);
    configure(second.manager, virtualServer(PLAIN));
    assert.ok(second.told().includes('doors: '));
    const third = director();
    configure(third.manager, virtualServer(PLAIN));
    assert.ok(!third.told().includes('doors: '));
  });
});

describe('a virtual server', () => {
  it('loses its servers one by one, is stood in for, and comes back', () => {
    const d = director();
    const notify = { notifyUp: script('up.sh'), notifyDown: script('down.sh') };
    configure(
      d.manager,
      virtualServer({
        sorryServers: [sorryServer()],
        quorumUp: script('gained.sh'),
        quorumDown: script('lost.sh'),
        realServers: [realServer(1, notify), realServer(2)],
      }),
    );
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.1 w1, 10.0.0.2 w1',
      `${VS} has its quorum: weight 2, needed 1; the sorry server is out`,
      `run gained.sh (${VS}: quorum-gained)`,
    ]);
    check(d, 1, false);
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.2 w1',
      `10.0.0.1:80 of ${VS} is down: connection refused`,
      `run down.sh (${VS} 10.0.0.1:80: server-down)`,
    ]);
    check(d, 2, false);
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.9 w1',
      `10.0.0.2:80 of ${VS} is down: connection refused`,
      `${VS} lost its quorum: weight 0, needed 1; the sorry server is in`,
      `run lost.sh (${VS}: quorum-lost)`,
    ]);
    check(d, 1, true);
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.1 w1, 10.0.0.9 w0',
      `10.0.0.1:80 of ${VS} is up: connected`,
      `run up.sh (${VS} 10.0.0.1:80: server-up)`,
      `${VS} has its quorum: weight 1, needed 1; the sorry server is out`,
      `run gained.sh (${VS}: quorum-gained)`,
    ]);
  });

  it('asks nothing of the kernel while the sorry server is in and servers come and go below the quorum', () => {
    const d = director();
    configure(d.manager, virtualServer({ quorum: 3, sorryServers: [sorryServer()] }));
    check(d, 1, false);
    d.told();
    check(d, 2, false);
    check(d, 2, true);
    assert.deepEqual(d.told(), [
      `10.0.0.2:80 of ${VS} is down: connection refused`,
      `10.0.0.2:80 of ${VS} is up: connected`,
    ]);
  });

  it('says nothing when a check only repeats what is known', () => {
    const d = director();
    configure(d.manager, virtualServer());
    d.told();
    check(d, 1, true);
    assert.deepEqual(d.told(), []);
  });

  it('is planned once for verdicts that come together, and each of them is told', () => {
    const d = director();
    configure(d.manager, virtualServer({ realServers: [realServer(1), realServer(2)] }));
    d.told();
    d.manager.setHealth(verdict(d, 1, false), verdict(d, 2, false), verdict(d, 1, true));
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.1 w1',
      `10.0.0.1:80 of ${VS} is down: connection refused`,
      `10.0.0.2:80 of ${VS} is down: connection refused`,
      `${VS} lost its quorum: weight 0, needed 1; there is no sorry server`,
      `10.0.0.1:80 of ${VS} is up: connected`,
      `${VS} has its quorum: weight 1, needed 1; there is no sorry server`,
    ]);
  });

  it('ignores results for what it does not have', () => {
    const d = director();
    configure(d.manager, virtualServer());
    d.told();
    check(d, 1, false, { virtualServer: 'another' });
    check(d, 9, false);
    assert.deepEqual(d.told(), []);
  });

  it('is stated for every address of its group, and owns each once', () => {
    const d = director();
    const key = (address: string) =>
      ({ kind: 'address', family: 'ipv4', protocol: 'tcp', address, port: 80 }) as const;
    const group = virtualServer({ id: 'group G', services: [key('10.0.1.1'), key('10.0.1.2')] });
    const other = virtualServer({ id: 'other', services: [key('10.0.1.2'), key('10.0.1.3')] });
    configure(d.manager, group, other, other);
    assert.deepEqual([...d.table.keys()], ['tcp 10.0.1.1:80', 'tcp 10.0.1.2:80', 'tcp 10.0.1.3:80']);
    assert.deepEqual(d.told().slice(0, 2), [
      'tcp 10.0.1.2:80 of other belongs to group G: ignored here',
      'other is configured twice: the second is ignored',
    ]);
    configure(d.manager, other);
    assert.deepEqual([...d.table.keys()].sort(), ['tcp 10.0.1.2:80', 'tcp 10.0.1.3:80']);
  });
});

describe('a reload', () => {
  it('keeps who is down, pushes weights and thresholds, adds and removes servers', () => {
    const d = director();
    configure(d.manager, virtualServer());
    check(d, 2, false);
    d.clock.advance(60_000);
    d.told();
    const changed = realServer(1, { weight: 5, upperThreshold: 50 });
    configure(d.manager, virtualServer({ realServers: [changed, realServer(2), realServer(4)] }));
    assert.deepEqual(d.told(), ['tcp 10.0.0.100:80 = 10.0.0.1 w5, 10.0.0.4 w1, 10.0.0.3 w0']);
    assert.equal(d.table.get('tcp 10.0.0.100:80')?.destinations[0]?.upperThreshold, 50);
    const [one, two] = d.manager.snapshot()[0]?.realServers ?? [];
    assert.deepEqual([one?.since, two?.up, two?.since], [WALL, false, WALL]);
  });

  it('removes a virtual server that is no longer there', () => {
    const d = director();
    configure(d.manager, virtualServer());
    d.told();
    configure(d.manager);
    assert.deepEqual(d.told(), ['tcp 10.0.0.100:80 = nothing']);
  });

  it('does not send clients to a dead server because its check was changed', () => {
    const d = director();
    configure(d.manager, virtualServer());
    check(d, 2, false);
    d.told();
    const recheck = realServer(2, { checkers: [{ id: 'changed', alpha: false }] });
    configure(d.manager, virtualServer({ realServers: [realServer(1), recheck], drainTimeoutMs: 0 }));
    assert.deepEqual(d.told(), ['tcp 10.0.0.100:80 = 10.0.0.1 w1']);
    const down = d.manager.snapshot()[0]?.realServers[1]?.down;
    assert.deepEqual([down?.checker, down?.reason], ['changed', 'connection refused']);
    check(d, 2, true, { checker: 'changed' });
    assert.equal(d.told()[0], 'tcp 10.0.0.100:80 = 10.0.0.1 w1, 10.0.0.2 w1');
  });

  it('does not take a living server away because its check is now alpha, but starts a new one down', () => {
    const d = director();
    configure(d.manager, virtualServer({ realServers: [realServer(1)] }));
    d.told();
    const alpha = (last: number) =>
      realServer(last, { checkers: [checker(last, { id: `alpha ${last}`, alpha: true })] });
    configure(d.manager, virtualServer({ realServers: [alpha(1), alpha(2)] }));
    assert.deepEqual(d.told(), ['tcp 10.0.0.100:80 = 10.0.0.1 w1']);
  });

  it('brings a server up, and says so, when the check that held it down is gone', () => {
    const d = director();
    const two = [checker(1), checker(1, { id: 'strict' })];
    configure(d.manager, virtualServer({ realServers: [realServer(1, { checkers: two }), realServer(2)] }));
    check(d, 1, false, { checker: 'strict' });
    d.told();
    const mended = realServer(1, { notifyUp: script('up.sh') });
    configure(d.manager, virtualServer({ realServers: [mended, realServer(2)] }));
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.1 w1, 10.0.0.2 w1',
      `10.0.0.1:80 of ${VS} is up: its checks were changed`,
      `run up.sh (${VS} 10.0.0.1:80: server-up)`,
    ]);
  });

  it('judges the quorum anew from where it stands', () => {
    const d = director();
    configure(d.manager, virtualServer({ quorum: 2, hysteresis: 1, sorryServers: [sorryServer()] }));
    check(d, 1, false);
    d.told();
    configure(d.manager, virtualServer({ quorum: 3, sorryServers: [sorryServer()] }));
    assert.deepEqual(d.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.9 w1',
      `${VS} lost its quorum: weight 2, needed 3; the sorry server is in`,
    ]);
  });

  it('tells of removed servers and services under omega only', () => {
    for (const omega of [true, false]) {
      const d = director();
      const notify = { notifyDown: script('down.sh') };
      const config = virtualServer({ omega, realServers: [realServer(1, notify), realServer(2, notify)] });
      configure(d.manager, config);
      d.told();
      configure(d.manager, { ...config, realServers: [realServer(1, notify)] });
      configure(d.manager);
      const runs = d.told().filter((line) => line.startsWith('run'));
      const all = [2, 1].map((last) => `run down.sh (${VS} 10.0.0.${last}:80: server-down)`);
      assert.deepEqual(runs, omega ? all : []);
    }
  });
});

describe('adoption after a crash', () => {
  it('goes on with who was down, since when and why, tells nobody, and removes what it owned and has no more', () => {
    const first = director();
    const old = virtualServer({ id: 'old', services: [{ kind: 'fwmark', family: 'ipv4', fwmark: 7 }] });
    configure(first.manager, virtualServer({ quorumUp: script('gained.sh') }), old);
    first.clock.advance(5_000);
    check(first, 2, false);
    const left = JSON.stringify(first.manager.saved());

    const second = director(1_000_000);
    second.manager.restore(parseSaved(JSON.parse(left)));
    configure(second.manager, virtualServer({ quorumUp: script('gained.sh') }));
    assert.deepEqual(second.told(), [
      'tcp 10.0.0.100:80 = 10.0.0.1 w1, 10.0.0.3 w1',
      'fwmark 7 ipv4 = nothing',
    ]);
    const server = second.manager.snapshot()[0]?.realServers[1];
    assert.deepEqual(server?.down, {
      checker: '10.0.0.2:80/check',
      reason: 'connection refused',
      since: WALL + 5_000,
    });
  });

  it('forgets the past after the first configuration', () => {
    const first = director();
    configure(first.manager, virtualServer());
    check(first, 2, false);
    const second = director();
    second.manager.restore(first.manager.saved());
    configure(second.manager);
    configure(second.manager, virtualServer());
    assert.equal(second.manager.snapshot()[0]?.realServers[1]?.up, true);
  });

  for (const [what, data] of [
    ['nothing', undefined],
    ['another version', { version: 2, owned: [], virtualServers: [] }],
    ['a list', []],
    [
      'a broken server',
      {
        version: 1,
        owned: [],
        virtualServers: [{ id: 'a', quorumUp: true, quorumSince: 0, servers: [{ id: 1 }] }],
      },
    ],
    ['a broken key', { version: 1, owned: [{ kind: 'address', family: 'ipv5' }], virtualServers: [] }],
    [
      'a date that is none',
      {
        version: 1,
        owned: [],
        virtualServers: [{ id: 'a', quorumUp: true, quorumSince: null, servers: [] }],
      },
    ],
  ] as const) {
    it(`refuses ${what} as saved state, saying where it is wrong`, () => {
      assert.throws(() => parseSaved(data), { name: 'SavedStateError', message: /^state.*: expected / });
    });
  }
});

describe('a stop', () => {
  const config = (omega: boolean) =>
    virtualServer({
      omega,
      quorumDown: script('lost.sh'),
      realServers: [realServer(1, { notifyDown: script('down.sh') })],
    });

  it('un-wants everything, after what omega has to say', () => {
    const d = director();
    configure(d.manager, config(true));
    d.told();
    d.manager.stop({ remove: true });
    assert.deepEqual(d.told(), [
      `10.0.0.1:80 of ${VS} is down: stopping`,
      `run down.sh (${VS} 10.0.0.1:80: server-down)`,
      `${VS} lost its quorum: stopping`,
      `run lost.sh (${VS}: quorum-lost)`,
      'tcp 10.0.0.100:80 = nothing',
    ]);
  });

  it('without omega only un-wants', () => {
    const d = director();
    configure(d.manager, config(false));
    d.told();
    d.manager.stop({ remove: true });
    assert.deepEqual(d.told(), ['tcp 10.0.0.100:80 = nothing']);
  });

  it('that leaves the table says nothing, and is deaf afterwards', () => {
    const d = director();
    configure(d.manager, config(true));
    d.told();
    d.manager.stop({ remove: false });
    check(d, 1, false);
    configure(d.manager);
    d.manager.stop({ remove: true });
    assert.deepEqual(d.told(), []);
    assert.equal(d.table.size, 1);
  });
});

describe('the snapshot', () => {
  it('is plain data that says who is up, why not, since when, and by what numbers', () => {
    const d = director();
    configure(d.manager, virtualServer({ quorum: 2, hysteresis: 1, sorryServers: [sorryServer()] }));
    d.clock.advance(10_000);
    check(d, 1, false, { at: 9_750 });
    const [snapshot] = d.manager.snapshot();
    assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
    assert.deepEqual(snapshot?.quorum, { up: true, since: WALL, weight: 2, quorum: 2, hysteresis: 1 });
    assert.deepEqual(
      snapshot?.sorryServers.map(({ address, port, up, inUse }) => ({ address, port, up, inUse })),
      [{ address: '10.0.0.9', port: 80, up: true, inUse: false }],
    );
    assert.deepEqual(snapshot?.realServers[0], {
      id: '10.0.0.1:80',
      address: '10.0.0.1',
      port: 80,
      up: false,
      since: WALL + 9_750,
      down: { checker: '10.0.0.1:80/check', reason: 'connection refused', since: WALL + 9_750 },
      configuredWeight: 1,
      weight: 1,
      checkers: [
        {
          id: '10.0.0.1:80/check',
          up: false,
          tested: true,
          reason: 'connection refused',
          since: WALL + 9_750,
        },
      ],
    });
    assert.deepEqual(snapshot?.realServers[1]?.checkers[0]?.tested, false);
  });
});
