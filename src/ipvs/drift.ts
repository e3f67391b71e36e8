/** Words for what was found different from what lvsd had written, and put right. Pure. */
import type { Change, Difference } from './diff.js';
import { destinationId, serviceId } from './table.js';

/** One line a finding, at most this many of one kind for one service: `ipvsadm -C` on a large table is one event. */
const MAX_LINES = 10;

/** Such as `tcp 10.0.0.100:80: destination 10.0.0.11:80 was gone: added back`. `changes` are those of one service. */
export function describeDrift(changes: readonly Change[]): readonly string[] {
  const [first] = changes;
  if (first === undefined) return [];
  if (first.kind === 'add-service') {
    const count = changes.length - 1;
    const destinations = `${count} destination${count === 1 ? '' : 's'}`;
    return [`${serviceId(first.service.key)} was gone: added back with ${destinations}`];
  }
  const lines = changes.slice(0, MAX_LINES).map(describe);
  const more = changes.length - lines.length;
  return more > 0 ? [...lines, `${idOf(first)}: ${more} more differences, all put right`] : lines;
}

function describe(change: Change): string {
  const id = idOf(change);
  switch (change.kind) {
    case 'add-service':
      return `${id} was gone: added back`;
    case 'edit-service':
      return `${id}: ${list(change.differences)}: set back`;
    case 'delete-service':
      return `${id} was there again: removed`;
    case 'add-destination':
      return `${id}: destination ${destinationId(change.destination)} was gone: added back`;
    case 'edit-destination':
      return `${id}: destination ${destinationId(change.destination)}: ${list(change.differences)}: set back`;
    case 'delete-destination':
      return `${id}: destination ${destinationId(change.destination)} was added by someone: removed`;
  }
}

function list(differences: readonly Difference[]): string {
  return differences.map(({ setting, have, want }) => `${setting} was ${have}, not ${want}`).join(', ');
}

function idOf(change: Change): string {
  const edited = change.kind === 'add-service' || change.kind === 'edit-service';
  return serviceId(edited ? change.service.key : change.key);
}
