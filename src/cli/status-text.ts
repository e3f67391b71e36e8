/** `Status` as an operator reads it. Pure: the status carries its own time. */
import Table from 'cli-table3';
import colors from 'picocolors';
import type {
  ChecksStatus,
  DestinationCounts,
  KernelStatus,
  RealServerStatus,
  SessionsStatus,
  SorryServerStatus,
  Status,
  VirtualServerStatus,
} from '../admin/status.js';
import type { Crowd } from '../pool/tally.js';
import { formatAge } from './age.js';
import { formatVrrp, type Paint } from './vrrp-text.js';

export { formatAge } from './age.js';

/** The whole status, a block a virtual server. `color`: with escape sequences for a terminal. */
export function formatStatus(status: Status, color: boolean): string {
  const paint = colors.createColors(color);
  const blocks = status.virtualServers.map((server) => formatVirtualServer(server, status.at, paint));
  const vrrp = status.vrrp === undefined ? [] : [formatVrrp(status.vrrp, status.at, paint)];
  const all = [...vrrp, ...blocks].flatMap((block) => [block, '']);
  return [...formatHead(status, paint), '', ...all].join('\n').trimEnd();
}

function formatHead(status: Status, paint: Paint): string[] {
  const { version, pid, at, startedAt, dryRun, supervised, starts, lastReload, kernel, checks } = status;
  const lines = [
    `lvsd ${version}, process ${pid}, for ${formatAge(at - startedAt)}${dryRun ? ', dry run' : ''}`,
  ];
  lines.push(formatChecks(checks));
  if (!dryRun && usesKernel(status)) lines.push(formatKernel(kernel, at, paint));
  if (starts !== undefined) lines.push(formatRestarts(starts, paint));
  if (!supervised)
    lines.push(paint.red('supervisor: killed; checks go on, and the next lvsd run takes over'));
  if (lastReload !== undefined) {
    const { errors } = lastReload;
    const age = formatAge(at - lastReload.at);
    if (errors.length === 0) lines.push(`reload: done ${age} ago`);
    else
      lines.push(
        paint.red(`reload: refused ${age} ago, the configuration before it goes on`),
        ...errors.map((e) => `  ${e}`),
      );
  }
  return lines;
}

function formatChecks({ checkers, waiting, lateness }: ChecksStatus): string {
  const { count, p50Ms, p99Ms, maxMs } = lateness;
  const starved = waiting > 0 ? `; ${waiting} wait for a socket` : '';
  if (count === 0) return `checks: ${checkers} checkers, none run yet${starved}`;
  return `checks: ${checkers} checkers, started late by at most ${p50Ms} ms (half), ${p99Ms} ms (99 %), ${maxMs} ms (all)${starved}`;
}

/** With VRRP alone the table is never looked at. */
function usesKernel({ virtualServers, kernel: { lastPassAt, error } }: Status): boolean {
  return virtualServers.length > 0 || lastPassAt !== undefined || error !== undefined;
}

/** The first start is none. */
function formatRestarts(starts: NonNullable<Status['starts']>, paint: Paint): string {
  const restarts = Object.entries(starts).map(([name, count]) => [name, count - 1] as const);
  const line = `restarts: ${restarts.map((each) => each.join(' ')).join(', ')}`;
  return restarts.some(([, count]) => count > 0) ? paint.yellow(line) : line;
}

function formatKernel(
  { lastPassAt, drifts, lastDrift, error }: KernelStatus,
  at: number,
  paint: Paint,
): string {
  if (error !== undefined) return paint.red(`kernel: ${error.text} (since ${formatAge(at - error.at)})`);
  const verified =
    lastPassAt === undefined ? 'not read back yet' : `verified ${formatAge(at - lastPassAt)} ago`;
  if (lastDrift === undefined) return `kernel: ${verified}`;
  const last = `last ${formatAge(at - lastDrift.at)} ago: ${lastDrift.text}`;
  return `kernel: ${verified}; ${paint.yellow(`changed by another hand ${drifts} time(s), put right; ${last}`)}`;
}

function formatVirtualServer(server: VirtualServerStatus, at: number, paint: Paint): string {
  const { id, scheduler, up, since, weight, quorum, hysteresis } = server;
  const state = up ? paint.green('up') : paint.red('down');
  const needs = `quorum ${quorum}${hysteresis > 0 ? ` ± ${hysteresis}` : ''}, weight ${weight}`;
  const table = new Table({
    head: ['', 'server', 'state', 'since', 'weight', 'active', 'inactive', 'total', 'why'],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const real of server.realServers) table.push(realServerRow(real, at, paint));
  for (const sorry of server.sorryServers) table.push(sorryServerRow(sorry, at, paint));
  const more = [
    ...(server.sessions === undefined ? [] : [formatSessions(server.sessions, at, paint)]),
    ...(server.overflow === undefined ? [] : [formatCrowd(server.overflow, at, paint)]),
    ...server.leaving.map(
      (one) => `${one.id} is no longer configured, leaves within ${formatAge(one.until - at)}`,
    ),
  ];
  const head = `${paint.bold(id)}  ${scheduler}  ${state} for ${formatAge(at - since)}  (${needs})`;
  return [head, ...more.map((line) => `  ${line}`), trimLines(table.toString())].join('\n');
}

function formatSessions(sessions: SessionsStatus, at: number, paint: Paint): string {
  const { space, places, door, poolMark, sorryMark, admitted, turnedAway } = sessions;
  const marks = `marks ${poolMark} and ${sorryMark}`;
  if (sessions.sessions === undefined || sessions.free === undefined)
    return `sessions in ${space}: ${places} places; ${paint.red('nftables does not answer')}; ${marks}`;
  const full = sessions.fullSince === undefined ? 'full' : `full for ${formatAge(at - sessions.fullSince)}`;
  const state =
    door !== 'open' ? paint.red(`door ${door}`) : sessions.free === 0 ? paint.yellow(full) : 'open';
  const counts = `${sessions.sessions} of ${places}, ${sessions.free} free`;
  return `sessions in ${space}: ${counts}, ${state}; let in ${admitted ?? 0}, turned away ${turnedAway ?? 0} times; ${marks}`;
}

function formatCrowd(crowd: Crowd, at: number, paint: Paint): string {
  const { mode, active, inactive, sorryActive, turned, turnedPerSecond, places, fullSince } = crowd;
  const room = fullSince === undefined ? '' : paint.yellow(`full for ${formatAge(at - fullSince)}`);
  const free = places === undefined ? 'no limit' : `${places} places free`;
  const pool = `${active} in the pool (${inactive} closing), ${room || free}`;
  return `overflow ${mode}: ${pool}; ${sorryActive} at the sorry server, ${turned} turned to it, ${turnedPerSecond}/s`;
}

function stateOf({ up, drain, agent, rampUntil }: RealServerStatus, at: number, paint: Paint): string {
  if (!up) return paint.red('down');
  if (drain !== undefined) return paint.yellow(drain.kind);
  if (agent !== undefined && agent.mode !== 'ready') return paint.yellow(agent.mode);
  return rampUntil !== undefined && rampUntil > at ? paint.yellow('ramping') : paint.green('up');
}

function realServerRow(server: RealServerStatus, at: number, paint: Paint): string[] {
  const { id, since, reasons, agent, kernel } = server;
  const share = agent === undefined || agent.percent === 100 ? [] : [`agent: ${agent.percent} %`];
  return [
    '',
    id,
    stateOf(server, at, paint),
    formatAge(at - since),
    ...counts(kernel),
    [...share, ...reasons].join('; '),
  ];
}

function sorryServerRow(
  { id, up, since, inUse, reasons, kernel }: SorryServerStatus,
  at: number,
  paint: Paint,
): string[] {
  const state = up ? (inUse ? paint.yellow('sorry') : 'standby') : paint.red('down');
  const why = ['sorry server', ...reasons].join('; ');
  return ['', id, state, up ? '' : formatAge(at - since), ...counts(kernel), why];
}

function counts(kernel: DestinationCounts | undefined): string[] {
  if (kernel === undefined) return ['-', '-', '-', '-'];
  return [kernel.weight, kernel.active, kernel.inactive, kernel.total].map(String);
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
