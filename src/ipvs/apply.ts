/** Changes in batches, with an answer for each. */
import type { Request } from './codec.js';
import type { Change } from './diff.js';
import { IpvsError } from './errors.js';
import { type Link, refusal } from './link.js';
import { serviceId } from './table.js';

/** Messages in one datagram. Their error replies, should all fail, take half of the smallest receive buffer. */
export const MAX_IN_FLIGHT = 100;

type Result = IpvsError | undefined;

/**
 * Makes changes in order. One that is refused does not stop the others, but for those of a service that could not be
 * added; when an answer is lost, nothing more is tried. The result has an error at the index of each change that failed.
 */
export async function applyChanges(link: Link, changes: readonly Change[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  const missing = new Map<string, IpvsError>();
  while (results.length < changes.length) {
    const batch = changes.slice(results.length, results.length + MAX_IN_FLIGHT);
    const tried = missing.size === 0 ? await applyBatch(link, batch) : await applyRest(link, batch, missing);
    for (const [index, error] of tried.entries()) {
      const change = batch[index];
      if (error !== undefined && change?.kind === 'add-service') missing.set(idOf(change), error);
      results.push(error);
    }
    const last = tried.at(-1);
    if (last !== undefined && last.reason !== 'refused' && last.reason !== 'invalid') {
      return [...results, ...new Array<Result>(changes.length - results.length).fill(last)];
    }
  }
  return results;
}

/** Those of missing services have failed already. */
async function applyRest(
  link: Link,
  batch: readonly Change[],
  missing: ReadonlyMap<string, IpvsError>,
): Promise<readonly Result[]> {
  const given = batch.map((change) => missing.get(idOf(change)));
  const rest = batch.filter((_, index) => given[index] === undefined);
  const tried = (await applyBatch(link, rest)).values();
  return given.map((error) => error ?? tried.next().value);
}

async function applyBatch(link: Link, changes: readonly Change[]): Promise<readonly Result[]> {
  return changes.length === 0 ? [] : sendBatch(link, changes.map(requestOf));
}

async function sendBatch(link: Link, requests: readonly Request[]): Promise<readonly Result[]> {
  try {
    const errnos = await link.ask(requests);
    if (errnos.size === 0) return new Array<Result>(requests.length).fill(undefined);
    return requests.map((_, index) => refusal(requests, errnos, index));
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    if (error.reason === 'invalid' && requests.length > 1) return sendOneByOne(link, requests);
    return requests.map(() => error);
  }
}

/** A request that cannot even be encoded fails alone. */
async function sendOneByOne(link: Link, requests: readonly Request[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const request of requests) results.push(...(await sendBatch(link, [request])));
  return results;
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
