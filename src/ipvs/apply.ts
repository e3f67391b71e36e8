/** Changes in batches, with an answer for each. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request } from './codec.js';
import type { Change } from './diff.js';
import { IpvsError } from './errors.js';
import { type Link, type Prepared, refusal } from './link.js';
import { serviceId } from './table.js';

/** Messages in one datagram: more would make other events wait, as the kernel carries them out while it is sent. */
const MAX_IN_FLIGHT = 1000;

/** Messages encoded before the first of them is sent: the kernel's table is half-written for as short as can be. */
const MAX_PREPARED = 10_000;

type Result = IpvsError | undefined;

/** A batch that could not be encoded as a whole has its requests sent one by one: those at fault fail alone. */
type Batch = { readonly changes: readonly Change[]; readonly prepared: Prepared | undefined };

/**
 * Makes changes in order. One that is refused does not stop the others, but for those of a service that could not be
 * added; when an answer is lost, nothing more is tried. The result has an error at the index of each change that failed.
 */
export async function applyChanges(link: Link, changes: readonly Change[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  const missing = new Map<string, IpvsError>();
  try {
    while (results.length < changes.length) {
      const batches = await prepareBatches(link, changes, results.length);
      for (const batch of batches) await applyBatch(link, batch, { results, missing });
    }
    return results;
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    return [...results, ...new Array<Result>(changes.length - results.length).fill(error)];
  }
}

async function prepareBatches(link: Link, changes: readonly Change[], from: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  const size = Math.min(MAX_IN_FLIGHT, await link.capacity());
  const end = Math.min(changes.length, from + MAX_PREPARED);
  let turnAt = from + MAX_IN_FLIGHT;
  for (let at = from; at < end; at += size) {
    if (at >= turnAt) {
      await nextTurn();
      turnAt = at + MAX_IN_FLIGHT;
    }
    batches.push(await prepareBatch(link, changes.slice(at, Math.min(end, at + size))));
  }
  return batches;
}

async function prepareBatch(link: Link, changes: readonly Change[]): Promise<Batch> {
  try {
    return { changes, prepared: await link.prepare(changes.map(requestOf)) };
  } catch (error) {
    if (error instanceof IpvsError && error.reason === 'invalid') return { changes, prepared: undefined };
    throw error;
  }
}

type Progress = { readonly results: Result[]; readonly missing: Map<string, IpvsError> };

/** Adds the results of a batch. Throws an IpvsError when they cannot be known. */
async function applyBatch(link: Link, batch: Batch, { results, missing }: Progress): Promise<void> {
  const tried = missing.size > 0 ? await sendRest(link, batch.changes, missing) : await send(link, batch);
  for (const [index, error] of tried.entries()) {
    const change = batch.changes[index];
    if (error !== undefined && change?.kind === 'add-service') missing.set(idOf(change), error);
    results.push(error);
  }
}

/** What is to go into a service that could not be added has failed already. */
async function sendRest(
  link: Link,
  changes: readonly Change[],
  missing: ReadonlyMap<string, IpvsError>,
): Promise<Result[]> {
  const given = changes.map((change) => missing.get(idOf(change)));
  const rest = changes.filter((_, index) => given[index] === undefined);
  const tried = rest.length > 0 ? (await send(link, await prepareBatch(link, rest))).values() : [].values();
  return given.map((error) => error ?? tried.next().value);
}

async function send(link: Link, { changes, prepared }: Batch): Promise<Result[]> {
  if (prepared === undefined) return sendOneByOne(link, changes);
  const { requests } = prepared;
  const errnos = await link.send(prepared);
  if (errnos.size === 0) return new Array<Result>(requests.length).fill(undefined);
  return requests.map((_, index) => refusal(requests, errnos, index));
}

async function sendOneByOne(link: Link, changes: readonly Change[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const change of changes) results.push(await applyOne(link, change));
  return results;
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
