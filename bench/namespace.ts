/** A network namespace of its own for a bench: its loopback, ports and counters touch nothing else. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MARK = 'LVSD_BENCH_NAMESPACE';

/** Runs `inside` in a new namespace: this program starts itself again there. Needs root. */
export async function inNamespace(inside: () => Promise<number>): Promise<number> {
  if (process.env[MARK] !== undefined) return inside();
  const main = fileURLToPath(new URL('./main.js', import.meta.url));
  const script = 'ip link set lo up && exec chrt --rr 1 "$@"';
  const args = ['-n', '--', 'sh', '-c', script, 'sh', process.execPath, main, ...process.argv.slice(2)];
  const { status, signal, error } = spawnSync('unshare', args, {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  });
  if (error !== undefined) throw error;
  if (signal !== null) throw new Error(`the bench was ended by ${signal}`);
  return status ?? 1;
}
