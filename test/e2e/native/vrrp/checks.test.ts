/** What the health checks tell the elections: quorums that are followed, and checks that cannot run. Whole daemons, but for IPVS. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceStatus } from '../../../../src/vrrp/status.js';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { sniffAdverts } from '../../../support/sniffer.js';
import { WITHOUT_IPVS } from '../../../support/without-ipvs.js';

const VIP = '10.77.0.100';
const POOL = `${VIP}:80 tcp`;
/** A machine under load may take five times as long for anything. */

function director(priority: number, lines = ''): string {
  return `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    priority ${priority}
    advert_int 0.2
    virtual_ipaddress {
      ${VIP}/24
    }
    ${lines}
  }\n`;
}

function service(server: Host): string {
  return `virtual_server ${VIP} 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    delay_loop 0.2
    real_server ${server.ipv4} 80 {
      TCP_CHECK {
        connect_timeout 2
        retry 0
        warmup 0
      }
    }
  }\n`;
}

function has({ run }: Host): boolean {
  return run('ip -br addr show dev eth0').includes(`${VIP}/`);
}

function instanceOf({ vrrp }: Awaited<ReturnType<Daemon['status']>>): InstanceStatus | undefined {
  return vrrp !== undefined && 'instances' in vrrp ? vrrp.instances[0] : undefined;
}

async function is(daemon: Daemon, claim: (instance: InstanceStatus) => boolean): Promise<InstanceStatus> {
  const status = await daemon.until((status) => {
    const instance = instanceOf(status);
    return instance !== undefined && claim(instance);
  });
  return instanceOf(status) ?? assert.fail();
}

const isIn = (daemon: Daemon, state: InstanceStatus['state']) => is(daemon, (found) => found.state === state);

type Scene = {
  readonly a: Daemon;
  readonly b: Daemon;
  readonly hostA: Host;
  readonly hostB: Host;
  readonly server: { readonly begin: () => void; readonly end: () => void };
};

describe('health checks and VRRP', () => {
  type Wanted = { readonly lines?: string; readonly alone?: boolean; readonly priority?: number };

  /** Director `a` checks a server and is master; `b` of 100, where it is wanted, checks nothing and is backup. */
  async function withDirectors(
    { lines = '', alone = false, priority = 150 }: Wanted,
    body: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    await withNetwork(['a', 'b', 'web'], async (network) => {
      const [hostA, hostB, web] = [network.host('a'), network.host('b'), network.host('web')];
      const [a, b] = [new Daemon(hostA.namespace, WITHOUT_IPVS), new Daemon(hostB.namespace)];
      let running: ChildProcess | undefined;
      const server = {
        begin: () => {
          running = web.start(`${process.execPath} -e require('net').createServer((s)=>s.end()).listen(80)`);
        },
        end: () => void running?.kill('SIGKILL'),
      };
      try {
        server.begin();
        a.configure(director(priority, lines) + service(web));
        b.configure(director(100));
        a.start();
        await isIn(a, 'MASTER');
        await a.until(({ virtualServers: [pool] }) => pool?.realServers[0]?.up === true);
        if (!alone) {
          b.start();
          await isIn(b, 'BACKUP');
        }
        await body({ a, b, hostA, hostB, server });
      } finally {
        await Promise.all([a.dispose(), b.dispose()]);
      }
    });
  }

  it('track_pool: a quorum that is lost is a fault with its reason, also to a process that is started again', async () => {
    await withDirectors({ lines: `track_pool { ${VIP} 80 }`, alone: true }, async ({ a, hostA, server }) => {
      server.end();
      const { fault, trackersDown } = await isIn(a, 'FAULT');
      assert.deepEqual([fault, trackersDown], [`pool ${POOL} is down`, [`pool ${POOL} is down: fault`]]);
      assert.ok(!has(hostA));
      const pid = a.pid('lvsd-vrrp') ?? assert.fail();
      process.kill(pid, 'SIGKILL');
      await eventually('another', () => ![pid, undefined].includes(a.pid('lvsd-vrrp')));
      assert.equal((await isIn(a, 'FAULT')).fault, `pool ${POOL} is down`);
      server.begin();
      assert.equal((await isIn(a, 'MASTER')).fault, undefined);
      assert.ok(has(hostA));
    });
  });

  it('track_pool with a weight: the priority falls and the peer takes over, and back', async () => {
    await withDirectors({ lines: `track_pool { ${VIP} 80 weight -100 }` }, async (scene) => {
      const { a, b, hostA, hostB, server } = scene;
      server.end();
      await isIn(b, 'MASTER');
      const { priority, trackersDown } = await isIn(a, 'BACKUP');
      assert.deepEqual(priority, { effective: 50, configured: 150 });
      assert.deepEqual(trackersDown, [`pool ${POOL} is down: 100 less`]);
      assert.deepEqual([has(hostA), has(hostB)], [false, true]);
      server.begin();
      assert.deepEqual((await isIn(a, 'MASTER')).priority, { effective: 150, configured: 150 });
      await isIn(b, 'BACKUP');
      assert.deepEqual([has(hostA), has(hostB)], [true, false]);
    });
  });

  it('track_pool with a weight: no process that is started again makes the master worth less for a moment', async () => {
    const lines = `track_pool { ${VIP} 80 weight 100 }`;
    await withDirectors({ lines, priority: 50 }, async ({ a, hostA }) => {
      const adverts = await sniffAdverts(hostA);
      const goesOn = async (): Promise<void> => {
        const since = adverts().length;
        const own = () =>
          adverts()
            .slice(since)
            .filter(({ priority }) => priority !== 100);
        await eventually('adverts', () => own().length >= 5);
      };
      for (const name of ['lvsd-vrrp', 'lvsd-lvs'] as const) {
        const pid = a.pid(name) ?? assert.fail();
        process.kill(pid, 'SIGKILL');
        await eventually(`another ${name}`, () => ![pid, undefined].includes(a.pid(name)));
        await goesOn();
      }
      a.signal('SIGQUIT');
      await a.ended();
      a.start();
      await goesOn();
      // The peer's are there where the machine is so slow that it took over meanwhile.
      assert.deepEqual(
        adverts().filter(({ priority }) => priority !== 150 && priority !== 100),
        [],
      );
      await isIn(a, 'MASTER');
    });
  });

  describe('lvsd-lvs that dies each time it comes up', () => {
    /** Kills it again and again until that holds. */
    async function keepKilling(daemon: Daemon, until: () => Promise<boolean> | boolean): Promise<void> {
      const endAt = performance.now() + 2 * PATIENCE_MS;
      let last: number | undefined;
      while (!(await until())) {
        assert.ok(performance.now() < endAt, daemon.log);
        const pid = daemon.pid('lvsd-lvs');
        if (pid !== undefined && pid !== last) process.kill(pid, 'SIGKILL');
        last = pid;
        await sleep(5);
      }
    }

    const UNFIT = ['health checks cannot run: priority 1'];

    it('the master hands over to its peer, and comes back when the checks have run for a while', async () => {
      await withDirectors({}, async ({ a, b, hostA, hostB }) => {
        await keepKilling(a, async () => {
          assert.ok(has(hostB) || has(hostA) || has(hostB), 'nobody has the address');
          return instanceOf(await b.status())?.state === 'MASTER';
        });
        const lowered = await isIn(a, 'BACKUP');
        assert.deepEqual(lowered.trackersDown, UNFIT);
        assert.deepEqual(lowered.priority, { effective: 1, configured: 150 });
        const back = await isIn(a, 'MASTER');
        assert.deepEqual([back.trackersDown, back.priority.effective], [[], 150]);
        await isIn(b, 'BACKUP');
        assert.match(
          a.log,
          /health checks cannot run[\s\S]*→ BACKUP[\s\S]*health checks run again[\s\S]*→ MASTER/,
        );
      });
    });

    it('alone, it stays master', async () => {
      await withDirectors({ alone: true }, async ({ a, hostA }) => {
        let deaths = 0;
        await keepKilling(a, () => {
          assert.ok(has(hostA));
          deaths = a.log.split('lvsd-lvs died').length - 1;
          return deaths >= 6;
        });
        assert.match(a.log, /health checks cannot run/);
        const lowered = await isIn(a, 'MASTER');
        assert.deepEqual(lowered.trackersDown, UNFIT);
        const back = await is(a, ({ priority }) => priority.effective === 150);
        assert.deepEqual([back.state, back.trackersDown], ['MASTER', []]);
        assert.doesNotMatch(a.log, /(MASTER|HANDOVER) → BACKUP/);
        assert.ok(has(hostA));
      });
    });
  });
});
