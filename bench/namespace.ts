/** A network namespace of its own for a bench: its loopback, ports and counters touch nothing else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from './processes.js';

const MARK = 'LVSD_BENCH_NAMESPACE';

/**
 * Runs `inside` in a new namespace and at real-time priority: this program starts itself again there. Needs root.
 * What else a machine does would hold the programs up, and one that is held up does its checks in clumps, which are cheaper.
 */
export async function inNamespace(inside: () => Promise<number>): Promise<number> {
  if (process.env[MARK] !== undefined) return inside();
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const script = 'ip link set lo up && exec chrt --rr 1 "$@"';
  const args = ['-n', '--', 'sh', '-c', script, 'sh', process.execPath, main, ...process.argv.slice(2)];
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
  endWithUs(child);
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== null) throw new Error(`the bench was ended by ${signal}`);
  return status ?? 1;
}
