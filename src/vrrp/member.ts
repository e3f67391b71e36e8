/** One instance of the director: its election, its place in the network, and what was last told of it. */

import type { InstanceConfig } from './config.js';
import { describeCause } from './election/causes.js';
import type { Instance } from './instance.js';
import type { NoticeState } from './notify/notice.js';
import type { Drift, InstanceStatus, MasterStatus } from './status.js';
import type { Assessment } from './track/fitness.js';
import type { Place } from './underlay.js';

export type Member = {
  readonly instance: Instance;
  readonly place: Place;
  /** In a sync group. */
  grouped: boolean;
  started: boolean;
  /** No longer in the configuration: ends when it has handed over. */
  removed: boolean;
  /** What scripts, FIFOs and mails were told last. */
  told: NoticeState | undefined;
  assessment: Assessment;
  /** What another hand took away so far. */
  drifts: number;
  lastDrift: Drift | undefined;
  /** What its place said when it was assessed. */
  linkFaults: readonly string[] | undefined;
};

/** One that has not been started, nor assessed. */
export function newMember(instance: Instance, place: Place, grouped: boolean): Member {
  return {
    instance,
    place,
    grouped,
    started: false,
    removed: false,
    told: undefined,
    assessment: { fitness: { priority: instance.config().priority }, pending: [] },
    drifts: 0,
    lastDrift: undefined,
    linkFaults: undefined,
  };
}

export function nameOf({ instance }: Member): string {
  return instance.config().name;
}

/**
 * Whether a reload has nothing to do for a member. What is neither renewed nor put back by itself may be missing without a word; a reload
 * puts it there again.
 */
export function isAsItWas(
  { instance, grouped }: Member,
  next: InstanceConfig,
  nextGrouped: boolean,
): boolean {
  const { vipLifetime, virtualRoutes, virtualRules } = next;
  const keepsItself = vipLifetime !== 'off' && virtualRoutes.length === 0 && virtualRules.length === 0;
  return keepsItself && grouped === nextGrouped && JSON.stringify(instance.config()) === JSON.stringify(next);
}

/** Counts what another hand took away, in words. */
export function noteDrift(member: Member, what: readonly string[], at: number): void {
  const text = what.at(-1);
  if (text === undefined) return;
  member.drifts += what.length;
  member.lastDrift = { at, text };
}

/** What status tells of a member. */
export function memberStatus(
  { instance, place, assessment, started, drifts, lastDrift }: Member,
  {
    group,
    ...told
  }: { readonly group: string | undefined } & Pick<InstanceStatus, 'trackersDown' | 'handedOver'>,
): InstanceStatus {
  const config = instance.config();
  const state = instance.state();
  const { at, cause } = instance.since();
  const master = masterOf(instance, place);
  const { held, missing } = place.holding();
  const lastHeardAt = instance.traffic.lastHeardAt();
  const { fault, priority } = state.fitness;
  return {
    name: config.name,
    state: state.name,
    since: at,
    cause: cause === undefined ? 'not started yet' : describeCause(cause),
    family: config.family,
    version: config.version,
    virtualRouterId: config.virtualRouterId,
    ...(config.interface !== undefined && { interface: config.interface }),
    ...(group !== undefined && { group }),
    priority: { effective: priority, configured: config.priority },
    advertIntMs: config.advertIntMs,
    ...(master && { master }),
    addresses: {
      held,
      missing: answers(instance) ? missing : [],
      unwanted: ['BACKUP', 'FAULT'].includes(state.name) ? held : [],
    },
    drifts,
    ...(lastDrift && { lastDrift }),
    counts: instance.traffic.counts(),
    ...(lastHeardAt !== undefined && { lastHeardAt }),
    ...(fault && { fault: fault.reason }),
    ...told,
    waitingFor: started ? [] : assessment.pending,
  };
}

/** Whether it holds its addresses: as master, and until another one has them. */
export function answers(instance: Pick<Instance, 'state'>): boolean {
  const { name } = instance.state();
  return name === 'MASTER' || name === 'HANDOVER';
}

function masterOf(instance: Instance, place: Place): MasterStatus | undefined {
  const state = instance.state();
  switch (state.name) {
    case 'MASTER':
    case 'HANDOVER':
      return {
        self: true,
        address: place.primaryAddress() ?? '',
        priority: state.fitness.priority,
        advertIntMs: instance.config().advertIntMs,
      };
    case 'BACKUP': {
      if (state.master === undefined || state.resigned) return undefined;
      const { address, priority, advertIntMs } = state.master;
      const others = instance.traffic.othersOf(address);
      return { self: false, address, priority, advertIntMs, ...(others && { otherAddresses: others }) };
    }
    case 'INIT':
    case 'FAULT':
      return undefined;
  }
}
