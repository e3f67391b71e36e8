/** What the file says of the process lvsd-vrrp and of the programs it has run, seen from outside while a whole daemon runs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VrrpStatus } from '../../../../src/vrrp/status.js';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { createFolder } from '../../../support/scripts.js';

const VIP = '10.77.0.100';
// Levels of the log (pino).
const INFO = 30;
const WARNING = 40;

function configuration(globals: string, lines = '', blocks = ''): string {
  return `global_defs {\n${globals}\n}\n${blocks}
  vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    priority 150
    advert_int 0.1
    virtual_ipaddress {
      ${VIP}/24
    }
    ${lines}
  }\n`;
}

/** What a process has of the kernel. */
function settingsOf(pid: number) {
  const about = (file: string, what: RegExp) => what.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1];
  const scheduling = execFileSync('chrt', ['-p', String(pid)], { encoding: 'utf8' });
  return {
    policy: /policy: (\w+)/.exec(scheduling)?.[1],
    priority: /scheduling priority: (\d+)/.exec(scheduling)?.[1],
    // proc_pid_stat(5): field 19, of which 3 is the first behind the name.
    nice: about('stat', /^\d+ \(.*\)(?: \S+){16} (-?\d+)/),
    cpus: cpusOf(pid),
    locked: about('status', /^VmLck:\s*(\d+)/m) !== '0',
    realTimeUs: about('limits', /^Max realtime timeout +(\S+)/m),
  };
}

/** Of all its threads. */
function cpusOf(pid: number): string {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
  );
  return [...new Set(threads.map((text) => /^Cpus_allowed_list:\s*(\S+)/m.exec(text)?.[1]))].join(' and ');
}

/** The last processor this one may use, for it is not the only one wherever that can be told. */
function lastCpu(): string {
  return /(\d+)$/.exec(cpusOf(process.pid))?.[1] ?? assert.fail();
}

type Line = { readonly level: number; readonly name: string; readonly msg: string; readonly code?: string };

function linesOf({ log }: Daemon): Line[] {
  const whole = log.slice(0, log.lastIndexOf('\n') + 1).split('\n');
  return whole.filter(Boolean).map((line) => JSON.parse(line));
}

describe('what the file says reaches lvsd-vrrp', () => {
  type Scene = { readonly daemon: Daemon; readonly host: Host };

  async function withDaemon(
    text: string,
    body: (scene: Scene) => Promise<void>,
    wrapper: readonly string[] = [],
  ): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace, wrapper);
      try {
        daemon.configure(text);
        daemon.start();
        await isMaster(daemon);
        await body({ daemon, host });
      } finally {
        await daemon.dispose();
      }
    });
  }

  function vrrpOf({ vrrp }: Awaited<ReturnType<Daemon['status']>>): VrrpStatus | undefined {
    return vrrp !== undefined && 'instances' in vrrp ? vrrp : undefined;
  }

  async function isMaster(daemon: Daemon): Promise<void> {
    await daemon.until((status) => vrrpOf(status)?.instances[0]?.state === 'MASTER');
  }

  const ofVrrp = (daemon: Daemon) => settingsOf(daemon.pid('lvsd-vrrp') ?? assert.fail());

  it('priorities, memory, processors and the limit of real time are asked for, changed by a reload and given back', async () => {
    const lines = (priority: number) =>
      `vrrp_rt_priority ${priority}\nvrrp_priority -7\nvrrp_no_swap\nvrrp_cpu_affinity ${lastCpu()}\nvrrp_rlimit_rttime 654321`;
    const expected = { policy: 'SCHED_RR', nice: '-7', cpus: lastCpu(), locked: true, realTimeUs: '654321' };
    await withDaemon(configuration(lines(37)), async ({ daemon }) => {
      assert.deepEqual(ofVrrp(daemon), { ...expected, priority: '37' });
      const others = settingsOf(daemon.pid('lvsd-lvs') ?? assert.fail());
      assert.deepEqual(others, settingsOf(process.pid), 'no other process gets them');
      daemon.configure(configuration(lines(38)));
      daemon.signal('SIGHUP');
      await daemon.until(({ lastReload }) => lastReload !== undefined);
      await eventually('the other priority', () => ofVrrp(daemon).priority === '38');
      assert.deepEqual(ofVrrp(daemon), { ...expected, priority: '38' });
      daemon.configure(configuration(''));
      daemon.signal('SIGHUP');
      // Memory last, of what is given back one after another.
      await eventually('nothing locked', () => !ofVrrp(daemon).locked).catch(() => undefined);
      assert.deepEqual(ofVrrp(daemon), { ...settingsOf(process.pid), policy: 'SCHED_RR', priority: '50' });
    });
  });

  it('a file without these words: real-time priority 50, and all else as it was', async () => {
    await withDaemon(configuration(''), async ({ daemon }) => {
      const own = settingsOf(process.pid);
      assert.deepEqual(ofVrrp(daemon), { ...own, policy: 'SCHED_RR', priority: '50' });
    });
  });

  for (const [what, globals, level, priority] of [
    ['that was not asked for', '', INFO, 50],
    ['that the file asks for', 'vrrp_rt_priority 37', WARNING, 37],
  ] as const) {
    it(`real time ${what} and is not permitted is one line in the log, and it is master all the same`, async () => {
      await withDaemon(
        configuration(globals),
        async ({ daemon, host }) => {
          assert.equal(ofVrrp(daemon).policy, 'SCHED_OTHER');
          assert.ok(host.run('ip -br addr show dev eth0').includes(`${VIP}/`));
          daemon.signal('SIGHUP');
          await daemon.until(({ lastReload }) => lastReload !== undefined);
          const told = linesOf(daemon).filter((line) => line.level > INFO || line.code === 'EPERM');
          const text = `set real-time priority "${priority}": EPERM: operation not permitted: adverts may be late on a busy machine`;
          assert.deepEqual(
            told.map(({ name, level: found, msg }) => [name, found, msg]),
            [['lvsd-vrrp', level, text]],
          );
        },
        ['prlimit', '--rtprio=0:0', 'setpriv', '--inh-caps=-sys_nice', '--bounding-set=-sys_nice'],
      );
    });
  }

  it('how late it was while it did not get to run is in lvsd status', async () => {
    await withDaemon(configuration(''), async ({ daemon }) => {
      const pid = daemon.pid('lvsd-vrrp') ?? assert.fail();
      process.kill(pid, 'SIGSTOP');
      await sleep(600);
      process.kill(pid, 'SIGCONT');
      // An advert was due within 100 ms of the stop.
      await daemon.until((status) => (vrrpOf(status)?.lateness.maxMs ?? 0) >= 490);
    });
  });

  it('a vrrp_script runs as its user, or as script_user, and the instance waits for what it says', async () => {
    const folder = createFolder();
    try {
      const script = folder.write('who', '#!/bin/sh\nid -u > "$1"\n');
      const block = (name: string, more: string) =>
        `vrrp_script ${name} {\nscript "${script} ${folder.path(name)}"\ninterval 60\n${more}\n}\n`;
      const text = configuration(
        'script_user daemon',
        'track_script {\nown\nusual\n}',
        block('own', 'user nobody') + block('usual', ''),
      );
      await withDaemon(text, async ({ daemon }) => {
        const uid = (name: string) => execFileSync('id', ['-u', name], { encoding: 'utf8' }).trim();
        assert.deepEqual(folder.lines('own'), [uid('nobody')]);
        assert.deepEqual(folder.lines('usual'), [uid('daemon')]);
        assert.match(daemon.log, /script own is up[\s\S]*→ MASTER/);
      });
    } finally {
      folder.remove();
    }
  });

  it('interface_up_down_delays: a link that is away for a moment is no fault, but no backup waits for it', async () => {
    const delays = 'interface_up_down_delays {\neth0 255 0\n}';
    // A loss is never kept back for longer than a backup would wait: 5 s here.
    const lines = 'state MASTER\ndown_timer_adverts 51';
    await withDaemon(configuration('', lines, delays), async ({ daemon, host }) => {
      const link = () => host.run('ip -br link show dev eth0');
      for (let i = 0; i < 3; i += 1) {
        host.unplug();
        await eventually('no carrier', () => / (LOWERLAYER)?DOWN /.test(link()));
        await sleep(200);
        host.plug();
        await eventually('a carrier', () => / UP /.test(link()));
        await sleep(200);
      }
      const instance = vrrpOf(await daemon.status())?.instances[0];
      assert.deepEqual([instance?.state, instance?.counts.transitions], ['MASTER', 2], daemon.log);
      assert.doesNotMatch(daemon.log, /interface eth0 is down/);
      host.unplug();
      const lost = await daemon.until((status) => vrrpOf(status)?.instances[0]?.state === 'FAULT');
      assert.equal(vrrpOf(lost)?.instances[0]?.fault, 'interface eth0 is down');
    });
  });
});
