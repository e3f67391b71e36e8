/** Whether a backup ever takes over by mistake: adverts every 10 ms while both processors are busy and 5,000 servers a second are checked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { InstanceStatus, LatenessStatus } from '../src/vrrp/status.js';
import { Daemon } from '../test/support/daemon.js';
import { sleep, withNetwork } from '../test/support/namespaces.js';
import type { Bench } from './bench.js';
import { lvsd } from './contenders.js';
import { configuration } from './directors.js';
import { inNamespace } from './namespace.js';
import { end, netCounter } from './processes.js';
import { configuration as checked, startServer } from './servers.js';

export const steady: Bench = {
  name: 'steady',
  summary: 'false failovers with 10 ms adverts on a machine that is busy',
  usage: '[--seconds 600] [--advert 0.01] [--hogs 4] [--checks 5000]',
  run: (args) => inNamespace(() => run(args)),
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '600' },
      advert: { type: 'string', default: '0.01' },
      hogs: { type: 'string', default: '4' },
      checks: { type: 'string', default: '5000' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-steady-'));
  const file = join(folder, 'checks.conf');
  writeFileSync(file, checked('tcp', Number(values.checks), 1));
  const server = await startServer();
  const checker = await lvsd.start(file, folder);
  const hogs: ChildProcess[] = [];
  try {
    for (let i = 0; i < Number(values.hogs); i += 1)
      hogs.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    await sleep(3000);
    return await watch(values.advert, Number(values.seconds));
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL');
    await end(checker);
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(advert: string, seconds: number): Promise<number> {
  let moved = Number.NaN;
  await withNetwork(['a', 'b'], async (network) => {
    const [a, b] = ['a', 'b'].map((name) => new Daemon(network.host(name).namespace));
    if (a === undefined || b === undefined) return;
    try {
      a.configure(configuration(150, advert));
      b.configure(configuration(100, advert));
      a.start('-P');
      await a.until((status) => instanceOf(status.vrrp)?.state === 'MASTER', 60_000);
      b.start('-P');
      await b.until((status) => instanceOf(status.vrrp)?.state === 'BACKUP', 60_000);
      await sleep(5000);
      const before = (await view(b)).transitions;
      const checksBefore = netCounter('Tcp', 'PassiveOpens');
      let worstMs = 0;
      for (let at = 0; at < seconds; at += 20) {
        await sleep(Math.min(20, seconds - at) * 1000);
        const { master, backup } = { master: await view(a), backup: await view(b) };
        worstMs = Math.max(worstMs, master.lateness.maxMs);
        moved = backup.transitions - before;
      }
      const checks = (netCounter('Tcp', 'PassiveOpens') - checksBefore) / seconds;
      console.log(
        `${seconds} s of adverts every ${advert} s beside ${checks.toFixed(0)} checks a second: ` +
          `${moved} false transitions of the backup; the master's latest deadline was ${worstMs} ms late`,
      );
    } finally {
      await Promise.all([a.dispose(), b.dispose()]);
    }
  });
  return moved === 0 ? 0 : 1;
}

type View = { readonly transitions: number; readonly lateness: LatenessStatus };
type Vrrp = Awaited<ReturnType<Daemon['status']>>['vrrp'];

async function view(daemon: Daemon): Promise<View> {
  const { vrrp } = await daemon.status();
  if (vrrp === undefined || 'error' in vrrp) throw new Error('no VRRP in the status');
  return { transitions: instanceOf(vrrp)?.counts.transitions ?? 0, lateness: vrrp.lateness };
}

function instanceOf(vrrp: Vrrp): InstanceStatus | undefined {
  return vrrp !== undefined && 'instances' in vrrp ? vrrp.instances[0] : undefined;
}
