/** When the kernel got its IPVS commands, told by its function tracer: it takes part in nothing it tells of. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from './processes.js';

const TRACING = '/sys/kernel/tracing';
/** The one function of ip_vs_ctl.c behind every command that changes the table. */
const COMMAND = 'ip_vs_genl_set_cmd';

export function startTracer(): void {
  if (!existsSync(join(TRACING, 'trace'))) execFileSync('mount', ['-t', 'tracefs', 'tracefs', TRACING]);
  // Without the filter every function of the kernel would look whether it is to be told of.
  set('set_ftrace_filter', COMMAND);
  set('set_graph_function', COMMAND);
  set('max_graph_depth', '1');
  set('trace_clock', 'mono');
  set('buffer_size_kb', `${8 * 1024}`);
  set('current_tracer', 'function_graph');
  set('trace_options', 'funcgraph-abstime');
  set('trace_options', 'funcgraph-tail');
  set('tracing_on', '1');
}

export function stopTracer(): void {
  set('current_tracer', 'nop');
}

/** One when the function begins, one when it ends. */
const ENTRIES_A_COMMAND = 2;

/** Forgets the commands so far. */
export function clearTrace(): void {
  set('trace', '');
}

/** How many commands there were so far. Reading each would take a processor from what is measured. */
export function countCommands(): number {
  const perCpu = join(TRACING, 'per_cpu');
  const entries = readdirSync(perCpu).map((cpu) =>
    Number(/^entries: (\d+)/m.exec(readFileSync(join(perCpu, cpu, 'stats'), 'utf8'))?.[1] ?? 0),
  );
  return sum(entries) / ENTRIES_A_COMMAND;
}

/** `endAt`: milliseconds of the monotonic clock (process.hrtime's). */
export type Command = { readonly endAt: number; readonly tookMs: number };

/** Lines such as `51.879594 |   0) + 42.056 us   |  ip_vs_genl_set_cmd [ip_vs]();`, or its closing brace, named by funcgraph-tail. */
export function commands(): Command[] {
  const text = readFileSync(join(TRACING, 'trace'), 'utf8');
  const lines = text.matchAll(/^ *([\d.]+) \|.*?([\d.]+) us +\| +(?:\} \/\* )?ip_vs_genl_set_cmd/gm);
  return Array.from(lines, ([, at, us]) => ({ endAt: Number(at) * 1000, tookMs: Number(us) / 1000 }));
}

function set(file: string, text: string): void {
  writeFileSync(join(TRACING, file), text);
}
