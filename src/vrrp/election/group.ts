/**
 * Sync groups: the instances of a group are MASTER all together or not at all. What the members have to be told follows
 * from their states alone, so it can be asked again after every step until nothing is left to say.
 */
import type { Event, Fitness, State } from './state.js';
import { staysIfAlone } from './transitions.js';

/** State of each member, by instance name. */
export type Members = ReadonlyMap<string, State>;

/** An event for a member. */
export type Order = { readonly instance: string; readonly event: Event };

/** What the group is, as its notify scripts and mails say. */
export type GroupState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

/** Whom to promote or demote. Members that were told are to be stepped before the next call. */
export function groupOrders(members: Members): readonly Order[] {
  const states = [...members.values()];
  if (states.some(forbidsMastery)) return orders(members, isMaster, { kind: 'demote' });
  if (states.every((state) => isMaster(state) || isReady(state))) {
    return orders(members, isReady, { kind: 'promote' });
  }
  return [];
}

/** When a member met a lower master, its peers' clients were misled as well: they announce too. */
export function announceWith(members: Members, instance: string): readonly Order[] {
  return [...members.keys()]
    .filter((name) => name !== instance)
    .map((name) => ({ instance: name, event: { kind: 'announce' } }));
}

/**
 * The fitness of each member with the faults of the others: one that faults takes all along.
 * @param own what the trackers of each member leave of it
 */
export function groupFitness(group: string, own: ReadonlyMap<string, Fitness>): Map<string, Fitness> {
  const broken = [...own].find(([, { fault }]) => fault !== undefined);
  if (broken === undefined) return new Map(own);
  const reason = `sync group ${group}: ${broken[0]}: ${broken[1].fault?.reason}`;
  const deadLink = [...own.values()].some(({ fault }) => fault?.kind === 'link');
  const spread = ({ priority, fault }: Fitness): Fitness => ({
    priority,
    fault: fault?.kind === 'link' ? fault : { ...(fault ?? { kind: 'tracked', reason }), deadLink },
  });
  return new Map([...own].map(([name, fitness]) => [name, spread(fitness)]));
}

/**
 * MASTER while every member is that takes part; FAULT with any; else BACKUP. Members that start one after another in a group that is
 * master change nothing. Undefined until the last has handed over, whatever became of the others: it is what it was.
 */
export function groupState(members: Members): GroupState | undefined {
  const states = [...members.values()];
  const names = states.map(({ name }) => name);
  if (names.every((name) => name === 'INIT')) return 'INIT';
  if (names.every((name) => name === 'MASTER' || name === 'HANDOVER')) return 'MASTER';
  if (names.includes('HANDOVER')) return undefined;
  if (names.includes('FAULT')) return 'FAULT';
  const settled = states.filter((state) => state.name !== 'INIT' && !isFresh(state));
  return settled.length > 0 && settled.every(isMaster) ? 'MASTER' : 'BACKUP';
}

/** Members that have just started, and those whose hand-over may yet end in MASTER, forbid nothing. */
function forbidsMastery(state: State): boolean {
  switch (state.name) {
    case 'INIT':
    case 'MASTER':
      return false;
    case 'FAULT':
      return true;
    case 'BACKUP':
      return !state.ready && !isFresh(state);
    case 'HANDOVER':
      return !staysIfAlone(state.purpose);
  }
}

function isFresh(state: State): boolean {
  return state.name === 'BACKUP' && state.fresh === true;
}

function isMaster(state: State): boolean {
  return state.name === 'MASTER';
}

function isReady(state: State): boolean {
  return state.name === 'BACKUP' && state.ready;
}

function orders(members: Members, whom: (state: State) => boolean, event: Event): Order[] {
  return [...members].filter(([, state]) => whom(state)).map(([instance]) => ({ instance, event }));
}
