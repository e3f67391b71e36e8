/** Requests to the IPVS family: finds its number, sends, and turns what goes wrong into an IpvsError. */
import type { Buffer } from 'node:buffer';
import { constants } from 'node:os';
import type { Channel, Outcome } from './channel.js';
import { type Attributes, encodeFamilyRequest, encodeRequests, familyReply, type Request } from './codec.js';
import { IpvsError, missingFamilyError, refusedError, requestError } from './errors.js';

/** What an error names where it befell no request in particular. */
const INFO: Request = { command: 'get-info' };

/** Requests in one datagram, ready to be sent once. */
export type Prepared = {
  readonly requests: readonly Request[];
  readonly firstSeq: number;
  readonly datagram: Buffer;
};

export type OnData = (body: Attributes, index: number) => void;

export type Link = {
  /**
   * Sends requests in one datagram and resolves when the last is answered, with errnos by index. Rejects with an
   * IpvsError when they could not be encoded, sent or answered, or when the kernel has no IPVS.
   */
  readonly ask: (requests: readonly Request[], onData?: OnData) => Promise<ReadonlyMap<number, number>>;
  /** How many requests may be prepared for one datagram. Rejects as ask does. */
  readonly capacity: () => Promise<number>;
  /** Encodes requests for `send`, where much is to be sent at one go. Rejects as ask does. */
  readonly prepare: (requests: readonly Request[]) => Promise<Prepared>;
  /** Sends what was prepared. Rejects as ask does. */
  readonly send: (prepared: Prepared, onData?: OnData) => Promise<ReadonlyMap<number, number>>;
};

export function createLink(channel: Channel): Link {
  let family: number | undefined;

  const prepare: Link['prepare'] = async (requests) => {
    family ??= await findFamily(channel);
    const firstSeq = channel.reserve(requests.length);
    return { requests, firstSeq, datagram: encode(requests, family, firstSeq) };
  };

  const send: Link['send'] = async ({ requests, firstSeq, datagram }, onData) => {
    const exchange = { count: requests.length, firstSeq, datagram, ...(onData && { onData }) };
    const outcome = await channel.exchange(exchange);
    if (outcome.kind !== 'answered') throw failure(requests, outcome);
    if (familyIsGone(requests, outcome.errnos)) {
      family = undefined;
      throw missingFamilyError();
    }
    return outcome.errnos;
  };

  return {
    capacity: async () => {
      family ??= await findFamily(channel);
      return channel.capacity();
    },
    prepare,
    send,
    ask: async (requests, onData) => {
      const known = family !== undefined;
      try {
        return await send(await prepare(requests), onData);
      } catch (error) {
        if (!known || !(error instanceof IpvsError) || error.reason !== 'no-ipvs') throw error;
        // The module may have been taken out and loaded again: its family then has another number.
        return send(await prepare(requests), onData);
      }
    },
  };
}

function encode(requests: readonly Request[], family: number, firstSeq: number): Buffer {
  try {
    return encodeRequests(requests, family, firstSeq);
  } catch (error) {
    if (error instanceof RangeError) throw requestError(requests[0] ?? INFO, 'invalid', error.message);
    throw error;
  }
}

/** The one refusal of a request, as an error; undefined when it was not refused. */
export function refusal(
  requests: readonly Request[],
  errnos: ReadonlyMap<number, number>,
  index = 0,
): IpvsError | undefined {
  const errno = errnos.get(index);
  const request = requests[index];
  return errno === undefined || request === undefined ? undefined : refusedError(request, errno);
}

async function findFamily(channel: Channel): Promise<number> {
  let number: number | undefined;
  const firstSeq = channel.reserve(1);
  const outcome = await channel.exchange({
    count: 1,
    firstSeq,
    datagram: encodeFamilyRequest(firstSeq),
    onData: (body) => {
      number = familyReply(body);
    },
  });
  if (outcome.kind !== 'answered') throw failure([INFO], outcome);
  if (number === undefined) throw missingFamilyError();
  return number;
}

/** ENOENT to all, although such requests are otherwise never answered so: nobody listens under this number. */
function familyIsGone(requests: readonly Request[], errnos: ReadonlyMap<number, number>): boolean {
  return requests.every(
    (request, index) =>
      errnos.get(index) === constants.errno.ENOENT && !('service' in request) && !('destination' in request),
  );
}

function failure(
  [first = INFO]: readonly Request[],
  { kind, cause }: Exclude<Outcome, { kind: 'answered' }>,
): IpvsError {
  return requestError(first, kind, cause);
}
