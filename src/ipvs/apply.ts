/** Changes in batches, with an answer for each. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request } from './codec.js';
import type { Change } from './diff.js';
import { IpvsError, refusedError } from './errors.js';
import { type Link, type Prepared, refusal } from './link.js';
import { serviceId } from './table.js';

/** Messages in one datagram: more would make other events wait, as the kernel carries them out while it is sent. */
const MAX_IN_FLIGHT = 2500;

/** Messages encoded before the first of them is sent: the kernel's table is half-written for as short as can be. */
const MAX_PREPARED = 10_000;

/** Messages encoded before other events have their turn. */
const PREPARED_IN_A_TURN = 1000;

type Result = IpvsError | undefined;

/** What is sent at once, from `from` of all changes on. */
type Batch = {
  readonly from: number;
  readonly changes: readonly Change[];
  /** Undefined where it could not be encoded as a whole: its requests are sent one by one, those at fault fail alone. */
  readonly prepared: Prepared | undefined;
};

/** Errors by the index of the change; services that could not be added, by serviceId. */
type Failures = { readonly errors: Map<number, IpvsError>; readonly missing: Map<string, IpvsError> };

/**
 * Makes changes in order. One that is refused does not stop the others, but for those of a service that could not be
 * added; when an answer is lost, nothing more is tried. The result has an error at the index of each change that failed.
 */
export async function applyChanges(link: Link, changes: readonly Change[]): Promise<readonly Result[]> {
  const failures: Failures = { errors: new Map(), missing: new Map() };
  let done = 0;
  try {
    while (done < changes.length) {
      for (const batch of await prepareBatches(link, changes, done)) {
        await applyBatch(link, batch, failures);
        done += batch.changes.length;
      }
    }
    return changes.map((_, index) => failures.errors.get(index));
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    return changes.map((_, index) => (index < done ? failures.errors.get(index) : error));
  }
}

async function prepareBatches(link: Link, changes: readonly Change[], from: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  const size = Math.min(MAX_IN_FLIGHT, await link.capacity());
  const end = Math.min(changes.length, from + MAX_PREPARED);
  let turnAt = from + PREPARED_IN_A_TURN;
  for (let at = from; at < end; at += size) {
    if (at >= turnAt) {
      await nextTurn();
      turnAt = at + PREPARED_IN_A_TURN;
    }
    batches.push(await prepareBatch(link, changes.slice(at, Math.min(end, at + size)), at));
  }
  return batches;
}

async function prepareBatch(link: Link, changes: readonly Change[], from: number): Promise<Batch> {
  try {
    return { from, changes, prepared: await link.prepare(changes.map(requestOf)) };
  } catch (error) {
    if (error instanceof IpvsError && error.reason === 'invalid')
      return { from, changes, prepared: undefined };
    throw error;
  }
}

/** Adds the failures of a batch. Throws an IpvsError when they cannot be known. */
async function applyBatch(link: Link, batch: Batch, { errors, missing }: Failures): Promise<void> {
  const tried = missing.size > 0 ? await sendRest(link, batch, missing) : await send(link, batch);
  for (const [index, error] of tried) {
    const change = batch.changes[index];
    if (change?.kind === 'add-service') missing.set(idOf(change), error);
    errors.set(batch.from + index, error);
  }
}

/** Errors by index within the batch. Nothing is done for each change that went well: the next batch waits. */
type Tried = ReadonlyMap<number, IpvsError>;

/** What is to go into a service that could not be added has failed already. */
async function sendRest(link: Link, batch: Batch, missing: ReadonlyMap<string, IpvsError>): Promise<Tried> {
  const tried = new Map<number, IpvsError>();
  const rest: number[] = [];
  for (const [index, change] of batch.changes.entries()) {
    const error = missing.get(idOf(change));
    if (error === undefined) rest.push(index);
    else tried.set(index, error);
  }
  if (rest.length === 0) return tried;
  const changes = rest.map((index) => batch.changes[index] as Change);
  for (const [place, error] of await send(link, await prepareBatch(link, changes, 0)))
    tried.set(rest[place] as number, error);
  return tried;
}

async function send(link: Link, { changes, prepared }: Batch): Promise<Tried> {
  if (prepared === undefined) return sendOneByOne(link, changes);
  const { requests } = prepared;
  const errnos = await link.send(prepared);
  return new Map(
    Array.from(errnos, ([index, errno]) => [index, refusedError(requests[index] as Request, errno)]),
  );
}

async function sendOneByOne(link: Link, changes: readonly Change[]): Promise<Tried> {
  const tried = new Map<number, IpvsError>();
  for (const [index, change] of changes.entries()) {
    const error = await applyOne(link, change);
    if (error !== undefined) tried.set(index, error);
  }
  return tried;
}

async function applyOne(link: Link, change: Change): Promise<Result> {
  try {
    const requests = [requestOf(change)];
    return refusal(requests, await link.ask(requests));
  } catch (error) {
    if (error instanceof IpvsError && error.reason === 'invalid') return error;
    throw error;
  }
}

function requestOf(change: Change): Request {
  switch (change.kind) {
    case 'add-service':
    case 'edit-service':
      return { command: change.kind, service: change.service };
    case 'delete-service':
      return { command: 'delete-service', key: change.key };
    case 'add-destination':
    case 'edit-destination':
    case 'delete-destination':
      return { command: change.kind, key: change.key, destination: change.destination };
  }
}

function idOf(change: Change): string {
  return serviceId('service' in change ? change.service.key : change.key);
}
