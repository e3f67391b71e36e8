/** Reading the kernel's table: single replies, dumps, and services put together from both. */
import {
  type Attributes,
  destinationReply,
  destinationStatusReply,
  type Request,
  serviceReply,
  serviceStatusReply,
} from './codec.js';
import { requestError } from './errors.js';
import { type Link, refusal } from './link.js';
import type {
  Counters,
  Destination,
  DestinationStatus,
  Service,
  ServiceKey,
  ServiceSettings,
  ServiceStatus,
} from './table.js';

export type CountedSettings = ServiceSettings & { readonly counters: Counters };

/** GET_SERVICE messages in one datagram: each reply may take a page of the receive buffer. */
const MAX_GETS_IN_FLIGHT = 16;

/** Every answer to a dump. */
export async function readMany<T>(link: Link, request: Request, read: (body: Attributes) => T): Promise<T[]> {
  const found: T[] = [];
  const errnos = await link.ask([request], (body) => found.push(read(body)));
  const error = refusal([request], errnos);
  if (error !== undefined) throw error;
  return found;
}

/** The answer to a request that has one. */
export async function readOne<T>(link: Link, request: Request, read: (body: Attributes) => T): Promise<T> {
  const [answer] = await readMany(link, request, read);
  if (answer === undefined) throw requestError(request, 'malformed', 'acknowledged without an answer');
  return answer;
}

export function listServices(link: Link): Promise<CountedSettings[]> {
  return readMany(link, { command: 'list-services' }, serviceStatusReply);
}

export async function readTable(link: Link): Promise<readonly ServiceStatus[]> {
  const table: ServiceStatus[] = [];
  for (const service of await listServices(link)) table.push(await withStatus(link, service));
  return table;
}

export async function readServiceStatus(link: Link, key: ServiceKey): Promise<ServiceStatus | undefined> {
  const [service] = await getServices(link, [key], serviceStatusReply);
  return service && withStatus(link, service);
}

export async function readServices(
  link: Link,
  keys: readonly ServiceKey[],
): Promise<readonly (Service | undefined)[]> {
  const services: (Service | undefined)[] = [];
  for (const settings of await getServices(link, keys, serviceReply)) {
    services.push(settings && { ...settings, destinations: await listDestinations(link, settings.key) });
  }
  return services;
}

async function withStatus(link: Link, service: CountedSettings): Promise<ServiceStatus> {
  return { ...service, destinations: await readDestinations(link, service.key) };
}

/** None, without an error, also for a service that does not exist: that is how the kernel answers. */
export function readDestinations(link: Link, key: ServiceKey): Promise<DestinationStatus[]> {
  return readMany(link, { command: 'list-destinations', key }, (body) =>
    destinationStatusReply(body, key.family),
  );
}

/** None, without an error, also for a service that does not exist: that is how the kernel answers. */
function listDestinations(link: Link, key: ServiceKey): Promise<Destination[]> {
  return readMany(link, { command: 'list-destinations', key }, (body) => destinationReply(body, key.family));
}

async function getServices<T>(
  link: Link,
  keys: readonly ServiceKey[],
  read: (body: Attributes) => T,
): Promise<(T | undefined)[]> {
  const services: (T | undefined)[] = [];
  for (let start = 0; start < keys.length; start += MAX_GETS_IN_FLIGHT) {
    services.push(...(await getFew(link, keys.slice(start, start + MAX_GETS_IN_FLIGHT), read)));
  }
  return services;
}

async function getFew<T>(
  link: Link,
  keys: readonly ServiceKey[],
  read: (body: Attributes) => T,
): Promise<(T | undefined)[]> {
  const requests = keys.map((key): Request => ({ command: 'get-service', key }));
  const found = new Array<T | undefined>(keys.length).fill(undefined);
  const errnos = await link.ask(requests, (body, index) => {
    found[index] = read(body);
  });
  for (const index of errnos.keys()) {
    const error = refusal(requests, errnos, index);
    if (error !== undefined && error.code !== 'ESRCH') throw error;
  }
  return found;
}
