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
    const given = batch.map((change) => missing.get(idOf(change)));
    const rest = batch.filter((_, index) => given[index] === undefined);
    const tried = (await applyBatch(link, rest.map(requestOf))).values();
    for (const [index, change] of batch.entries()) {
      const error = given[index] ?? tried.next().value;
      if (error !== undefined && change.kind === 'add-service') missing.set(idOf(change), error);
      results.push(error);
    }
    const last = results.at(-1);
    if (last !== undefined && last.reason !== 'refused' && last.reason !== 'invalid') {
      return [...results, ...new Array<Result>(changes.length - results.length).fill(last)];
    }
  }
  return results;
}

async function applyBatch(link: Link, requests: readonly Request[]): Promise<readonly Result[]> {
  if (requests.length === 0) return [];
  try {
    const errnos = await link.ask(requests);
    return requests.map((_, index) => refusal(requests, errnos, index));
  } catch (error) {
    if (!(error instanceof IpvsError)) throw error;
    if (error.reason === 'invalid' && requests.length > 1) return applyOneByOne(link, requests);
    return requests.map(() => error);
  }
}

/** A request that cannot even be encoded fails alone. */
async function applyOneByOne(link: Link, requests: readonly Request[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const request of requests) results.push(...(await applyBatch(link, [request])));
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
