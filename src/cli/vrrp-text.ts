/** VRRP in the status as an operator reads it. Pure. */
import type colors from 'picocolors';
import type { VrrpSilent } from '../admin/status.js';
import { describeOtherAddresses } from '../vrrp/packets/other-addresses.js';
import type { InstanceStatus, MasterStatus, VrrpStatus } from '../vrrp/status.js';
import { formatAge } from './age.js';

export type Paint = ReturnType<typeof colors.createColors>;

/** One line of the process, then a block an instance. */
export function formatVrrp(vrrp: VrrpStatus | VrrpSilent, at: number, paint: Paint): string {
  if ('error' in vrrp) return paint.red(`vrrp: ${vrrp.error}`);
  return [head(vrrp), ...vrrp.instances.map((instance) => formatInstance(instance, at, paint))].join('\n');
}

function head({ pid, lateness, drops, groups }: VrrpStatus): string {
  const { p50Ms, p99Ms, maxMs } = lateness;
  const strays = formatCounts(drops);
  return [
    `vrrp: process ${pid}, late by at most ${p50Ms} ms (half), ${p99Ms} ms (99 %), ${maxMs} ms (all)`,
    ...(strays === '' ? [] : [`  packets for nobody here: ${strays}`]),
    ...groups.map(
      ({ name, state, instances }) => `  sync group ${name}  ${state}  (${instances.join(', ')})`,
    ),
  ].join('\n');
}

function formatInstance(status: InstanceStatus, at: number, paint: Paint): string {
  const { name, state, since, cause, virtualRouterId, priority, version } = status;
  const where = status.interface === undefined ? '' : ` on ${status.interface}`;
  const effective = priority.effective === priority.configured ? '' : `, ${priority.configured} configured`;
  const title = `${paint.bold(name)}  VRID ${virtualRouterId}${where}, VRRPv${version}`;
  const stateText = `${paintState(state, paint)} for ${formatAge(at - since)}: ${cause}`;
  return [
    `${title}  ${stateText}  (priority ${priority.effective}${effective})`,
    ...details(status, at, paint).map((line) => `  ${line}`),
  ].join('\n');
}

function details(status: InstanceStatus, at: number, paint: Paint): string[] {
  const { name, addresses, master, handedOver, fault, trackersDown, waitingFor } = status;
  return [
    ...(master === undefined || master.self ? [] : describeMaster(master, paint)),
    ...describeHeld(addresses, paint),
    ...(addresses.missing.length === 0 ? [] : [paint.red(`missing ${addresses.missing.join(', ')}`)]),
    ...(handedOver ? [paint.yellow(`handed over: lvsd handover --back ${name} takes it back`)] : []),
    ...describeDrift(status, at).map((line) => paint.yellow(line)),
    ...(fault === undefined ? [] : [paint.red(`fault: ${fault}`)]),
    ...trackersDown.map((line) => paint.yellow(line)),
    ...waitingFor.map((line) => paint.yellow(`waits: ${line}`)),
    describeTraffic(status, at),
  ];
}

function describeHeld({ held, unwanted }: InstanceStatus['addresses'], paint: Paint): string[] {
  if (unwanted.length > 0) return [paint.red(`still holds ${unwanted.join(', ')}`)];
  return held.length === 0 ? [] : [`holds ${held.join(', ')}`];
}

function describeTraffic({ counts, lastHeardAt }: InstanceStatus, at: number): string {
  const { advertsSent, advertsReceived, transitions, drops, odd } = counts;
  const parts = [
    `${advertsSent} sent`,
    `${advertsReceived} received`,
    ...(lastHeardAt === undefined ? [] : [`the last ${formatAge(at - lastHeardAt)} ago`]),
    ...(Object.keys(odd).length === 0 ? [] : [`of these ${formatCounts(odd)}`]),
    ...(Object.keys(drops).length === 0 ? [] : [`dropped ${formatCounts(drops)}`]),
  ];
  return `adverts: ${parts.join(', ')}; ${transitions} transitions`;
}

/** In the words of the line `kernel`. */
function describeDrift({ drifts, lastDrift }: InstanceStatus, at: number): string[] {
  if (lastDrift === undefined) return [];
  const last = `last ${formatAge(at - lastDrift.at)} ago: ${lastDrift.text}`;
  return [`changed by another hand ${drifts} time(s), put right; ${last}`];
}

function describeMaster(
  { address, priority, advertIntMs, otherAddresses: others }: MasterStatus,
  paint: Paint,
): string[] {
  const line = `master: ${address} (priority ${priority}, adverts every ${advertIntMs} ms)`;
  if (others === undefined) return [line];
  return [
    line,
    paint.red(`its master ${address} adverts other addresses: ${describeOtherAddresses(others)}`),
  ];
}

function paintState(state: InstanceStatus['state'], paint: Paint): string {
  switch (state) {
    case 'MASTER':
      return paint.green(state);
    case 'FAULT':
      return paint.red(state);
    case 'HANDOVER':
      return paint.yellow(state);
    case 'INIT':
    case 'BACKUP':
      return state;
  }
}

function formatCounts(counts: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(counts)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}
