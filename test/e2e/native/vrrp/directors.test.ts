/** Two and three directors as real processes on a real switch: who answers for the address, and when. */
import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import type { RouteConfig, RuleConfig } from '../../../../src/vrrp/place/network-config.js';
import { loadClean } from '../../../support/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';

/** A takeover takes less than two seconds, and a machine that stands still for one causes none. */
function quick(change: Partial<InstanceConfig> = {}) {
  const virtualAddresses = [{ ...address(VIP), prefixLength: 24 }];
  return vrrpConfig([instance({ advertIntMs: 500, virtualAddresses, ...change })]);
}

/** A hand-over that finds nobody lasts more than a second. */
const UNHURRIED = { advertIntMs: 1000 };

function has({ run }: Host, ip = VIP): boolean {
  return run('ip -br addr show dev eth0').includes(`${ip}/`);
}

/** A route and a rule that move with the address. */
function routing(): { readonly route: RouteConfig; readonly rule: RuleConfig } {
  const { vrrp } = loadClean(
    `vrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\nvirtual_routes {\n10.80.0.0/24 via 10.77.0.9 dev eth0\n}\nvirtual_rules {\nfrom 10.80.0.0/24 table 100 priority 777\n}\n}`,
  );
  const [route, rule] = [vrrp?.instances[0]?.virtualRoutes[0], vrrp?.instances[0]?.virtualRules[0]];
  return { route: route ?? assert.fail(), rule: rule ?? assert.fail() };
}

function readFifo(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer));
  } finally {
    closeSync(fd);
  }
}

describe('directors on one LAN', () => {
  function withPair(change: Partial<InstanceConfig>, body: (pair: Pair) => Promise<void>): Promise<void> {
    return startPair((own) => quick({ ...own, ...change }), body);
  }

  it('the higher priority has the address, with a lifetime; the other knows its master', async () => {
    await withPair({}, async ({ network, a, b }) => {
      assert.ok(has(a.host));
      assert.ok(!has(b.host));
      assert.match(a.host.run('ip addr show dev eth0'), /10\.77\.0\.100\/24[\s\S]*?valid_lft \d+sec/);
      await eventually('it knows its master', async () => (await b.instance()).master !== undefined);
      assert.equal((await b.instance()).master?.address, a.host.ipv4);
      assert.equal(network.host('client').run(`ping -c 1 -W 10 ${VIP}`).includes('1 received'), true);
    });
  });

  it('a planned stop: at every moment somebody has the address, and then the peer', async () => {
    await withPair(UNHURRIED, async ({ a, b }) => {
      let ended = false;
      const stopped = a.end('stop').then(() => {
        ended = true;
      });
      while (!ended) {
        // The old holder first: where it has let go, the new one had the address before.
        assert.ok(has(a.host) || has(b.host), 'nobody has the address');
        await sleep(1);
      }
      await stopped;
      assert.ok(has(b.host));
      assert.ok(!has(a.host));
      await b.until('MASTER');
    });
  });

  it('SIGKILL of the process: started again, it goes on as master, and nobody else became one', async () => {
    // The peer waits for twenty seconds: longer than a process takes to start.
    const advertIntMs = 6000;
    await withPair({ advertIntMs }, async ({ a, b }) => {
      const heard = async () => (await b.instance()).counts.advertsReceived;
      await eventually('the peer has heard it', async () => (await heard()) > 0);
      const before = await b.instance();
      await a.kill();
      await a.start(quick({ priority: 150, advertIntMs }));
      assert.equal((await a.instance()).cause, 'still holds the addresses of its last run');
      // Of these one at least is the new process's.
      await eventually('two more adverts', async () => (await heard()) >= before.counts.advertsReceived + 2);
      const after = await b.instance();
      assert.equal(after.state, 'BACKUP');
      assert.equal(after.counts.transitions, before.counts.transitions);
    });
  });

  it('SIGKILL of all of it: the peer takes over, and the dead one loses the address by itself', async () => {
    await withPair({}, async ({ a, b }) => {
      await a.kill();
      await b.until('MASTER');
      await eventually('the dead director has no address', () => !has(a.host));
    });
  });

  it('SIGSTOP: the peer takes over; continued, the frozen one does not fight', async () => {
    await withPair({ preempt: false }, async ({ a, b }) => {
      const before = (await b.instance()).counts.becameMaster;
      a.signal('SIGSTOP');
      await b.until('MASTER');
      await eventually('the frozen director has no address', () => !has(a.host));
      a.signal('SIGCONT');
      const { drifts } = await a.until('BACKUP');
      assert.equal(drifts, 0, 'what expired by itself was taken by nobody');
      assert.equal((await b.instance()).state, 'MASTER');
      assert.equal((await b.instance()).counts.becameMaster, before + 1);
    });
  });

  it('an unplugged cable is a fault of the interface, and plugged in again it is master again', async () => {
    await withPair({}, async ({ a, b }) => {
      a.host.unplug();
      assert.equal((await a.until('FAULT')).fault, 'interface eth0 is down');
      assert.ok(!has(a.host));
      await b.until('MASTER');
      a.host.plug();
      await a.until('MASTER');
      await b.until('BACKUP');
    });
  });

  it('what someone deletes is back at once, long before the next advert; log and status say what and how often', async () => {
    // The address owner is master with its first advert; the next one is a long time off.
    const owner = { initialState: 'MASTER', priority: 255, advertIntMs: 40_000 } as const;
    const { route, rule } = routing();
    await withNetwork(['a'], async (network) => {
      const a = new VrrpProcess(network.host('a'));
      const { run } = a.host;
      const sent = async () => (await a.instance()).counts.advertsSent;
      try {
        await a.start(quick({ ...owner, virtualRoutes: [route], virtualRules: [rule] }));
        await a.until('MASTER');
        const before = await sent();
        assert.equal((await a.instance()).drifts, 0);
        for (const [i, { remove, isThere, name }] of [
          { remove: `ip addr del ${VIP}/24 dev eth0`, isThere: () => has(a.host), name: `${VIP}/24 on eth0` },
          {
            remove: 'ip route del 10.80.0.0/24',
            isThere: () => run('ip route').includes('10.80.0.0/24 via'),
            name: 'route to 10.80.0.0/24',
          },
          {
            remove: 'ip rule del priority 777',
            isThere: () => run('ip rule').includes('777:'),
            name: 'rule of priority 777',
          },
        ].entries()) {
          await eventually(`${name} is there`, isThere);
          const removedAt = Date.now();
          run(remove);
          await eventually(`${name} is back`, isThere);
          await eventually('the log tells of it', () =>
            a.log.includes(`VI_1: ${name} was taken away by another hand, put back`),
          );
          const { drifts, lastDrift } = await a.instance();
          assert.deepEqual([drifts, lastDrift?.text], [i + 1, `${name} was taken away`]);
          assert.ok((lastDrift?.at ?? 0) >= removedAt && (lastDrift?.at ?? 0) <= Date.now(), 'the last one');
        }
        assert.equal(await sent(), before);
        assert.equal((await a.instance()).counts.becameMaster, 1);
      } finally {
        await a.dispose();
      }
    });
  });

  it('hands over by command, and back', async () => {
    await withPair(UNHURRIED, async ({ a, b }) => {
      const reply = await a.ask({ what: 'handover', instance: 'VI_1' });
      assert.equal(reply.kind, 'handover');
      await b.until('MASTER');
      await sleep(4500);
      assert.equal((await a.instance()).state, 'BACKUP');
      await a.ask({ what: 'resume' });
      await a.until('MASTER');
      await b.until('BACKUP');
    });
  });

  it('health checks that cannot run: it hands over, and comes back when they run again', async () => {
    await withPair(UNHURRIED, async ({ a, b }) => {
      a.send({ kind: 'checks', run: false });
      await b.until('MASTER');
      assert.equal((await a.instance()).cause, `${b.host.ipv4} (priority 100) took over`);
      a.send({ kind: 'checks', run: true });
      await a.until('MASTER');
      await b.until('BACKUP');
    });
  });

  it('a hand-over is remembered by the next process when this one is killed', async () => {
    await withPair(UNHURRIED, async ({ a, b }) => {
      await a.ask({ what: 'handover' });
      await b.until('MASTER');
      const saved = () => readFileSync(join(a.stateDir, 'vrrp.json'), 'utf8');
      await eventually('it is saved', () => saved().includes('"yielded":["VI_1"]'));
      await a.kill();
      await a.start(quick({ priority: 150, ...UNHURRIED }));
      await sleep(4500);
      assert.deepEqual([(await a.instance()).state, (await b.instance()).state], ['BACKUP', 'MASTER']);
      await a.ask({ what: 'resume' });
      await a.until('MASTER');
    });
  });

  it('a script that fails costs its weight, and notify scripts and FIFO tell of what follows, in order', async () => {
    await withPair({}, async ({ a, b }) => {
      const at = (name: string) => join(a.stateDir, name);
      writeFileSync(at('well'), '');
      const track = { interfaces: [], files: [], processes: [], pools: [] };
      const tell = (word: string) => ({
        argv: ['/bin/sh', '-c', `echo ${word} "$@" >> ${at('told')}`, 'sh'],
      });
      const { instances, process } = quick({
        priority: 150,
        track: { ...track, scripts: [{ name: 'well', weight: -100, reverse: false }] },
        notify: {
          sendDeleted: false,
          priorityChanges: false,
          smtpAlert: true,
          noEmailFaults: false,
          backup: tell('backup'),
          any: tell('any'),
        },
      });
      const script = { argv: ['/usr/bin/test', '-e', at('well')] };
      const scripts = [
        { name: 'well', script, intervalMs: 100, timeoutMs: 1000, rise: 1, fall: 2, initFail: false },
      ];
      const path = at('fifo');
      a.configure(vrrpConfig(instances, { scripts, process: { ...process, notifyFifos: [{ path }] } }));
      await eventually('the script is up', () => /script well is up/.test(a.log));
      rmSync(at('well'));
      const lowered = await a.until('BACKUP');
      assert.deepEqual(lowered.priority, { effective: 50, configured: 150 });
      await b.until('MASTER');
      await eventually(
        'both scripts ran',
        () => existsSync(at('told')) && readFileSync(at('told'), 'utf8').length > 10,
      );
      assert.equal(readFileSync(at('told'), 'utf8'), 'backup\nany INSTANCE VI_1 BACKUP 50\n');
      assert.equal(readFifo(path), 'INSTANCE "VI_1" BACKUP 50\n');
      assert.deepEqual(
        a.told.flatMap((message) => (message.kind === 'mail' ? message.mail.subject : [])),
        ['VRRP Instance VI_1 - Entering BACKUP state'],
      );
    });
  });

  it('packets that do not belong change nothing and are counted by reason', async () => {
    await withPair(
      { authentication: { type: 'PASS', password: 'secret' }, version: 2, advertIntMs: 1000 },
      async ({ network, a }) => {
        const stranger = new VrrpProcess(network.host('client'));
        try {
          await stranger.start(quick({ version: 2, advertIntMs: 1000, priority: 254 }));
          await stranger.until('MASTER');
          const drops = async () => (await a.instance()).counts.drops.authtype_mismatch ?? 0;
          await eventually('it is counted', async () => (await drops()) > 0);
          await eventually('it is told', () => /dropped \(authtype_mismatch\)/.test(a.log));
          assert.equal((await a.instance()).state, 'MASTER');
        } finally {
          await stranger.dispose();
        }
      },
    );
  });

  it('use_vmac: the address answers with the virtual router’s MAC address, whoever has it', async () => {
    const vmac = {
      interface: 'vrrp.51',
      macAddress: '00:00:5e:00:01:33',
      xmitBase: false,
    };
    await withPair({ vmac }, async ({ network, a, b }) => {
      const client = network.host('client');
      const sniffer = client.start('tcpdump -l -n -e -i eth0 igmp and ether src 00:00:5e:00:01:33');
      let reports = '';
      sniffer.stdout?.on('data', (data: Buffer) => {
        reports += data.toString();
      });
      await sleep(500);
      const mac = () => {
        client.run(`ping -c 1 -W 10 ${VIP}`);
        return client.run(`ip neigh show ${VIP}`);
      };
      assert.match(a.host.run('ip -br addr show dev vrrp.51'), /10\.77\.0\.100\/24/);
      assert.match(mac(), /lladdr 00:00:5e:00:01:33/);
      await a.end('stop');
      await b.until('MASTER');
      assert.match(mac(), /lladdr 00:00:5e:00:01:33/);
      assert.match(b.host.run('ip -br addr show dev vrrp.51'), /10\.77\.0\.100\/24/);
      assert.doesNotMatch(a.host.run('ip -br link'), /vrrp\.51/);
      await a.start(quick({ vmac }));
      await a.until('BACKUP');
      await sleep(1500);
      assert.equal(reports, '', 'a backup must not draw the packets of its address to itself');
    });
  });

  it('use_vmac of an address on another interface: a macvlan there, gone with the process', async () => {
    await withPair({}, async ({ a }) => {
      const { run } = a.host;
      run('ip link add eth1 type veth peer name eth1p');
      run('ip link set eth1 up');
      const vmac = { interface: 'vrrp1.51', base: 'eth1', macAddress: '00:00:5e:00:01:33' };
      const extra = { ...address('10.78.0.100'), interface: vmac.interface, useVmac: true };
      a.configure(quick({ priority: 150, excludedAddresses: [extra], addressVmacs: [vmac] }));
      await eventually('the address is there', () =>
        /vrrp1\.51@eth1 .*10\.78\.0\.100/.test(run('ip -br addr')),
      );
      assert.match(run('ip -br link show dev vrrp1.51'), /00:00:5e:00:01:33/);
      a.configure(quick({ priority: 150 }));
      await eventually('it is gone by a reload', () => !run('ip -br link').includes('vrrp1.51'));
      a.configure(quick({ priority: 150, excludedAddresses: [extra], addressVmacs: [vmac] }));
      await eventually('it is back', () => run('ip -br link').includes('vrrp1.51'));
      await a.end('stop');
      assert.doesNotMatch(run('ip -br link'), /vrrp1\.51/);
    });
  });

  it('promote_secondaries and disable_local_igmp are set in the kernel, and IGMP is given back', async () => {
    await withPair({ promoteSecondaries: true }, async ({ a }) => {
      const setting = (name: string) => a.host.run(`cat /proc/sys/net/ipv4/${name}`).trim();
      assert.equal(setting('conf/eth0/promote_secondaries'), '1');
      assert.equal(setting('igmp_link_local_mcast_reports'), '1');
      const { instances, process } = quick({ priority: 150, promoteSecondaries: true });
      a.configure(vrrpConfig(instances, { process: { ...process, disableLocalIgmp: true } }));
      await eventually('no reports', () => setting('igmp_link_local_mcast_reports') === '0');
      await a.end('stop');
      assert.equal(setting('igmp_link_local_mcast_reports'), '1');
    });
  });

  for (const [name, change] of [
    ['IPv6 by multicast', { family: 'ipv6', transport: { kind: 'multicast', group: 'ff02::12' } }],
    [
      'VRRPv2 with a password',
      { version: 2, advertIntMs: 1000, authentication: { type: 'PASS', password: 'x' } },
    ],
  ] as const satisfies readonly (readonly [string, Partial<InstanceConfig>])[]) {
    it(`${name}: elects and hands over`, async () => {
      const six = 'family' in change;
      const addresses = six ? [address('fe80::64'), address('fd77::64')] : [address(VIP)];
      await withPair({ ...change, virtualAddresses: addresses }, async ({ a, b }) => {
        const vip = six ? 'fd77::64' : VIP;
        assert.ok(has(a.host, vip));
        await a.end('stop');
        await b.until('MASTER');
        assert.ok(has(b.host, vip));
        assert.ok(!has(a.host, vip));
      });
    });
  }
});
