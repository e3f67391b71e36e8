/** Two whole daemons, each with all its processes, from a configuration file: what an operator does to them, and what follows. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceStatus } from '../../../../src/vrrp/status.js';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { Pings } from '../../../support/pings.js';

const VIP = '10.77.0.100';

function configuration(
  priority: number,
  { interval = 1, extra = '', name = 'VI_1', vrid = 51, on = 'eth0', more = '' } = {},
): string {
  return `vrrp_instance ${name} {
    ${more}
    state BACKUP
    interface ${on}
    virtual_router_id ${vrid}
    version 3
    priority ${priority}
    advert_int ${interval}
    virtual_ipaddress {
      ${VIP}/24
      ${extra}
    }
  }\n`;
}

function has({ run }: Host, ip = VIP): boolean {
  return run('ip -br addr show dev eth0').includes(`${ip}/`);
}

describe('lvsd with VRRP', () => {
  type Scene = {
    readonly a: Daemon;
    readonly b: Daemon;
    readonly hostA: Host;
    readonly hostB: Host;
    readonly client: Host;
  };

  /** Director `a` of priority 150 is master, `b` of 100 is backup. */
  function withPair(interval: number, body: (scene: Scene) => Promise<void>): Promise<void> {
    return withDirectors(interval, async (scene) => {
      scene.a.start();
      await is(scene.a, 'MASTER');
      scene.b.start();
      await is(scene.b, 'BACKUP');
      await body(scene);
    });
  }

  /** The same two, neither of them started. */
  async function withDirectors(interval: number, body: (scene: Scene) => Promise<void>): Promise<void> {
    await withNetwork(['a', 'b', 'client'], async (network) => {
      const [hostA, hostB] = [network.host('a'), network.host('b')];
      const [a, b] = [new Daemon(hostA.namespace), new Daemon(hostB.namespace)];
      try {
        a.configure(configuration(150, { interval }));
        b.configure(configuration(100, { interval }));
        await body({ a, b, hostA, hostB, client: network.host('client') });
      } finally {
        await Promise.all([a.dispose(), b.dispose()]);
      }
    });
  }

  /** Waits until it is in this state, and has heard so many adverts. */
  async function is(daemon: Daemon, state: InstanceStatus['state'], adverts = 0): Promise<InstanceStatus> {
    const found = (vrrp: Awaited<ReturnType<Daemon['status']>>['vrrp']) =>
      vrrp !== undefined && 'instances' in vrrp ? vrrp.instances[0] : undefined;
    const status = await daemon.until(({ vrrp }) => {
      const instance = found(vrrp);
      return instance?.state === state && instance.counts.advertsReceived >= adverts;
    });
    return found(status.vrrp) ?? assert.fail();
  }

  /** Looks each millisecond or so until the work is done: somebody has the address, always. */
  async function neverWithoutOwner({ hostA, hostB }: Scene, work: Promise<unknown>): Promise<void> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    while (!done) {
      assert.ok(has(hostB) || has(hostA) || has(hostB), 'nobody has the address');
      await sleep(1);
    }
    await finished;
  }

  it('SIGTERM: the peer answers before the old master lets go, and all processes end with 0', async () => {
    await withPair(1, async (scene) => {
      const { a, b, hostA, hostB } = scene;
      a.signal('SIGTERM');
      await neverWithoutOwner(scene, a.ended());
      assert.equal(await a.ended(), 0);
      assert.deepEqual([has(hostA), has(hostB)], [false, true]);
      await is(b, 'MASTER');
      assert.equal(a.pid('lvsd-vrrp'), undefined);
      assert.match(b.log, /took over|resigned/);
    });
  });

  it('SIGTERM and started again: it is master again, and no ping of a client is lost', async () => {
    await withPair(1, async (scene) => {
      const { a, b, hostA, hostB, client } = scene;
      const pings = await Pings.start(client, VIP);
      const restarted = async () => {
        a.signal('SIGTERM');
        assert.equal(await a.ended(), 0);
        await is(b, 'MASTER');
        a.start();
        await is(a, 'MASTER');
        await is(b, 'BACKUP');
      };
      await neverWithoutOwner(scene, restarted());
      assert.deepEqual([has(hostA), has(hostB)], [true, false]);
      assert.deepEqual(await pings.stop(), []);
    });
  });

  it('the better director is started: it takes the address over, and no ping of a client is lost', async () => {
    await withDirectors(1, async (scene) => {
      const { a, b, hostA, hostB, client } = scene;
      b.start();
      await is(b, 'MASTER');
      const pings = await Pings.start(client, VIP);
      const started = async () => {
        a.start();
        await is(a, 'MASTER');
        await is(b, 'BACKUP');
      };
      await neverWithoutOwner(scene, started());
      assert.deepEqual([has(hostA), has(hostB)], [true, false]);
      assert.match(a.log, /BACKUP → MASTER: preempts 10\.77\.0\.2 \(priority 100\)/);
      assert.deepEqual(await pings.stop(), []);
    });
  });

  it('kill -9 of lvsd-vrrp: another one goes on where it was, and the peer hears nothing', async () => {
    // The peer waits for twenty seconds: longer than a process takes to start.
    await withPair(6, async (scene) => {
      const { a, b, hostA } = scene;
      await is(b, 'BACKUP', 1);
      const pid = a.pid('lvsd-vrrp') ?? assert.fail();
      process.kill(pid, 'SIGKILL');
      await eventually('another process', () => ![pid, undefined].includes(a.pid('lvsd-vrrp')));
      assert.equal((await is(a, 'MASTER')).cause, 'still holds the addresses of its last run');
      const { advertsReceived } = (await is(b, 'BACKUP')).counts;
      assert.equal((await is(b, 'BACKUP', advertsReceived + 2)).counts.transitions, 1);
      assert.ok(has(hostA));
    });
  });

  it('kill -9 of the supervisor: the election goes on, and the next lvsd run takes over from it', async () => {
    await withPair(6, async (scene) => {
      const { a, b } = scene;
      await is(b, 'BACKUP', 1);
      const orphan = a.pid('lvsd-vrrp');
      process.kill(a.pid('lvsd') ?? assert.fail(), 'SIGKILL');
      const { advertsReceived: atFirst } = (await is(b, 'BACKUP')).counts;
      await is(b, 'BACKUP', atFirst + 2);
      assert.equal(a.pid('lvsd-vrrp'), orphan);
      a.start();
      await eventually('another process', () => ![orphan, undefined].includes(a.pid('lvsd-vrrp')));
      await is(a, 'MASTER');
      const { advertsReceived } = (await is(b, 'BACKUP')).counts;
      assert.equal((await is(b, 'BACKUP', advertsReceived + 2)).counts.transitions, 1);
    });
  });

  // Some seconds more than it may take, for a machine that is slow or stands still.
  for (const [interval, twoOwnersMs] of [
    [1, 5000],
    [0.01, 8000],
  ] as const)
    it(`kill -9 of everything, adverts each ${interval} s: the peer takes over, and the dead one's kernel lets the address go by itself`, async () => {
      await withPair(interval, async ({ a, b, hostA, hostB }) => {
        for (const name of ['lvsd', 'lvsd-vrrp', 'lvsd-lvs'] as const)
          process.kill(a.pid(name) ?? assert.fail(), 'SIGKILL');
        await eventually('the peer has the address', () => has(hostB));
        await eventually('the dead one has not', () => !has(hostA), twoOwnersMs);
        await is(b, 'MASTER');
        assert.ok(has(hostB));
      });
    });

  it('an address that someone deletes is back, and lvsd status and lvsd metrics tell of it', async () => {
    await withDirectors(0.2, async ({ a, hostA }) => {
      a.start();
      await is(a, 'MASTER');
      const output = async (command: string) => (await a.command(command)).output;
      assert.doesNotMatch(await output('status'), /another hand/);
      assert.match(await output('metrics'), /^lvsd_vrrp_drifts_total\{vrrp_instance="VI_1"\} 0$/m);
      hostA.run(`ip addr del ${VIP}/24 dev eth0`);
      await eventually('it is back', () => has(hostA));
      assert.match(
        await output('status'),
        /^ {2}changed by another hand 1 time\(s\), put right; last \d+ s ago: 10\.77\.0\.100\/24 on eth0 was taken away$/m,
      );
      assert.match(await output('metrics'), /^lvsd_vrrp_drifts_total\{vrrp_instance="VI_1"\} 1$/m);
    });
  });

  it('lvsd handover and --back; status says who is master, since when and why', async () => {
    await withPair(1, async (scene) => {
      const { a, b } = scene;
      const given = a.command('handover', 'VI_1');
      await neverWithoutOwner(scene, given);
      assert.deepEqual(await given, {
        code: 0,
        output: 'VI_1  BACKUP  10.77.0.2 (priority 100) took over\n',
      });
      await is(b, 'MASTER');
      const { output } = await a.command('status');
      assert.match(
        output,
        /VI_1 +VRID 51 on eth0, VRRPv3 +BACKUP for \d+ s: 10\.77\.0\.2 \(priority 100\) took over/,
      );
      assert.match(output, /master: 10\.77\.0\.2 \(priority 100, adverts every 1000 ms\)/);
      assert.match(output, /^ {2}handed over: lvsd handover --back VI_1 takes it back$/m);
      const back = a.command('handover', '--back');
      await neverWithoutOwner(scene, back);
      const { code, output: said } = await back;
      assert.equal(code, 0);
      assert.match(said, /^VI_1 {2}(BACKUP|MASTER) {2}taken back: priorities decide again\n$/);
      await is(a, 'MASTER');
      const unknown = await a.command('handover', 'VI_9');
      assert.deepEqual(unknown, { code: 1, output: 'handover: no vrrp_instance "VI_9": there are VI_1\n' });
    });
  });

  it('lvsd handover on a backup is remembered, also by the next process, and lvsd handover --back ends it', async () => {
    await withPair(1, async ({ b }) => {
      const output = 'VI_1  BACKUP  was not master (startup): preempts nobody until lvsd handover --back\n';
      assert.deepEqual(await b.command('handover'), { code: 0, output });
      await eventually('it is saved', () =>
        readFileSync(join(b.directory, 'vrrp.json'), 'utf8').includes('"yielded":["VI_1"]'),
      );
      const killed = b.pid('lvsd-vrrp');
      process.kill(killed ?? assert.fail(), 'SIGKILL');
      await eventually('another process', () => ![killed, undefined].includes(b.pid('lvsd-vrrp')));
      assert.equal((await is(b, 'BACKUP')).handedOver, true);
      const taken = { code: 0, output: 'VI_1  BACKUP  taken back: priorities decide again\n' };
      assert.deepEqual(await b.command('handover', '--back'), taken);
      const nothing = { code: 0, output: 'VI_1  BACKUP  was not handed over\n' };
      assert.deepEqual(await b.command('handover', '--back'), nothing);
    });
  });

  it('alone, a hand-over finds nobody: it stays master, and the command fails, and so does a second one beside it', async () => {
    await withPair(0.2, async ({ a, b, hostA }) => {
      b.signal('SIGTERM');
      await b.ended();
      const stays = { code: 1, output: 'VI_1  MASTER  no peer took over\n' };
      const both = await Promise.all([a.command('handover'), a.command('handover', 'VI_1')]);
      assert.deepEqual(both, [stays, stays]);
      assert.ok(has(hostA));
    });
  });

  it('SIGHUP: a master stays master, new addresses come and old ones go', async () => {
    await withPair(1, async (scene) => {
      const { a, b, hostA } = scene;
      const { transitions } = (await is(a, 'MASTER')).counts;
      a.configure(configuration(160, { extra: '10.77.0.101/24' }));
      a.signal('SIGHUP');
      await eventually('the new address', () => has(hostA, '10.77.0.101'));
      a.configure(configuration(150));
      a.signal('SIGHUP');
      await eventually('the new address is gone', () => !has(hostA, '10.77.0.101'));
      assert.ok(has(hostA));
      assert.equal((await is(a, 'MASTER')).counts.transitions, transitions);
      assert.equal((await is(b, 'BACKUP')).state, 'BACKUP');
    });
  });

  for (const [change, what] of [
    [{ vrid: 52 }, 'another virtual_router_id'],
    [{ name: 'web' }, 'another name'],
    [{ more: 'use_vmac' }, 'use_vmac'],
  ] as const) {
    it(`SIGHUP with ${what}: at every moment somebody has the address`, async () => {
      // The other is to be told within Master_Down_Interval, which is longer than a busy machine takes.
      const interval = 2;
      await withPair(interval, async (scene) => {
        const { a, b, hostA, hostB } = scene;
        const has = ({ run }: Host) => run('ip -br addr').includes(`${VIP}/`);
        let done = false;
        const reloaded = (async () => {
          a.configure(configuration(150, { interval, ...change }));
          a.signal('SIGHUP');
          await eventually('it has read the file', () => /reload: .* read/.test(a.log));
          b.configure(configuration(100, { interval, ...change }));
          b.signal('SIGHUP');
          await sleep(10_000);
          done = true;
        })();
        while (!done) {
          // `ip` lists interfaces first: where the address moves to one that is made meanwhile, it shows none.
          assert.ok(has(hostA) || has(hostA), 'the master let the address go');
          await sleep(1);
        }
        await reloaded;
        await is(a, 'MASTER');
        await is(b, 'BACKUP');
        assert.ok(!has(hostB));
        assert.doesNotMatch(b.log, /→ MASTER/);
      });
    });
  }

  it('no_accept: the address answers ARP, and receives nothing that IPVS does not take', async () => {
    await withNetwork(['a', 'client'], async (network) => {
      const [host, client] = [network.host('a'), network.host('client')];
      const daemon = new Daemon(host.namespace);
      const answers = (to: string) => client.run(`fping -r 0 -t 300 ${to}`);
      const rules = () => host.run('nft list ruleset').includes('lvsd_vrrp');
      try {
        daemon.configure(configuration(150, { more: 'no_accept' }));
        daemon.start();
        await is(daemon, 'MASTER');
        await eventually('the rules', rules);
        await eventually('it answers at its own address', () => answers(host.ipv4).includes('alive'));
        assert.throws(() => answers(VIP));
        assert.match(client.run(`ip neigh show ${VIP}`), /lladdr/);
        daemon.configure(configuration(150));
        daemon.signal('SIGHUP');
        await eventually('the rules are gone', () => !rules());
        await eventually('it answers', () => answers(VIP).includes('alive'));
        daemon.configure(configuration(150, { more: 'no_accept' }));
        daemon.signal('SIGHUP');
        await eventually('the rules are back', rules);
        daemon.signal('SIGTERM');
        await daemon.ended();
        assert.ok(!rules());
        assert.doesNotMatch(
          daemon.log,
          /did not end in time/,
          'what it had asked for at its end was answered',
        );
      } finally {
        await daemon.dispose();
      }
    });
  });

  it('SIGHUP with a file without VRRP ends the process with a hand-over, and back again starts it', async () => {
    await withPair(1, async (scene) => {
      const { a, b, hostA } = scene;
      // A service without servers is ignored, and needs no IPVS.
      a.configure('virtual_server 10.77.0.100 80 {\n protocol TCP\n}\n');
      a.signal('SIGHUP');
      await is(b, 'MASTER');
      await eventually('no process', () => a.pid('lvsd-vrrp') === undefined);
      assert.ok(!has(hostA));
      assert.equal((await a.status()).vrrp, undefined);
      a.configure(configuration(150));
      a.signal('SIGHUP');
      await is(a, 'MASTER');
    });
  });

  it('-C runs no VRRP, -P no checks, and both answer lvsd status', async () => {
    await withNetwork(['a'], async (network) => {
      const { namespace } = network.host('a');
      const [checks, vrrp] = [new Daemon(namespace), new Daemon(namespace)];
      const service =
        'virtual_server 10.77.0.100 80 {\n lb_algo rr\n protocol TCP\n real_server 10.77.0.9 80 {\n  weight 1\n }\n}\n';
      try {
        checks.configure(configuration(100));
        checks.start('-C');
        await checks.until((status) => status.vrrp === undefined);
        assert.equal(checks.pid('lvsd-vrrp'), undefined);
        vrrp.configure(configuration(100) + service);
        vrrp.start('-P');
        await is(vrrp, 'MASTER');
        assert.deepEqual((await vrrp.status()).virtualServers, []);
      } finally {
        await Promise.all([checks.dispose(), vrrp.dispose()]);
      }
    });
  });
});
