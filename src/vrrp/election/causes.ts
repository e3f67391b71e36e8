/** Why a state changed, for the log line and status. */
import type { Cause, Peer } from './state.js';

/** One phrase: `no advert from 10.0.0.2 (priority 150)`. */
export function describeCause(cause: Cause): string {
  const peer = describePeer(cause.peer);
  switch (cause.why) {
    case 'startup':
      return 'startup';
    case 'owner':
      return 'owner of the addresses';
    case 'adopted':
      return 'still holds the addresses of its last run';
    case 'adopted-late':
      return 'still holds the addresses of its last run, though a peer may have taken over';
    case 'adopted-partly':
      return 'still holds some of the addresses of its last run';
    case 'replaced':
      return 'goes on for the virtual router it was before the reload';
    case 'master-silent':
      return cause.peer === undefined ? 'no master heard' : `no advert from ${peer}`;
    case 'master-resigned':
      return `${peer} resigned`;
    case 'preempting':
      return `preempts ${peer}`;
    case 'group':
      return 'follows its sync group';
    case 'nobody-took-over':
      return 'no peer took over';
    case 'peer-took-over':
      return `${peer} took over`;
    case 'higher-priority':
      return `${peer} has the higher priority`;
    case 'higher-address':
      return `${peer} has the same priority and the higher address`;
    case 'late':
      return cause.peer === undefined
        ? 'own adverts came too late'
        : `own adverts came too late, ${peer} took over`;
    case 'fault':
      return cause.reason ?? 'fault';
    case 'fault-cleared':
      return 'fault cleared';
    case 'handover':
      return 'handed over by command';
    case 'unfit':
      return 'the health checks cannot run';
    case 'resumed':
      return 'hand-over taken back';
    case 'shutdown':
      return 'shutdown';
  }
}

function describePeer(peer: Peer | undefined): string {
  if (peer === undefined) return 'the master';
  return peer.priority === 0 ? peer.address : `${peer.address} (priority ${peer.priority})`;
}
