/** Requests to the IPVS family: finds its number, sends, and turns what goes wrong into an IpvsError. */
import { constants } from 'node:os';
import type { Channel, Outcome } from './channel.js';
import { type Attributes, encodeFamilyRequest, encodeRequests, familyReply, type Request } from './codec.js';
import { IpvsError, type IpvsErrorReason, missingFamilyError, refusedError, requestError } from './errors.js';

export type Link = {
  /**
   * Sends requests in one datagram and resolves when the last is answered, with errnos by index. Rejects with an
   * IpvsError when they could not be encoded, sent or answered, or when the kernel has no IPVS.
   */
  readonly ask: (
    requests: readonly Request[],
    onData?: (body: Attributes, index: number) => void,
  ) => Promise<ReadonlyMap<number, number>>;
};

export function createLink(channel: Channel): Link {
  let family: number | undefined;

  const ask: Link['ask'] = async (requests, onData) => {
    const number = family ?? (await findFamily(channel));
    family = number;
    const outcome = await channel.exchange({
      count: requests.length,
      encode: (firstSeq) => encodeRequests(requests, number, firstSeq),
      ...(onData && { onData }),
    });
    if (outcome.kind !== 'answered') throw failure(requests, outcome);
    if (familyIsGone(requests, outcome.errnos)) {
      family = undefined;
      throw missingFamilyError();
    }
    return outcome.errnos;
  };

  return {
    ask: async (requests, onData) => {
      const known = family !== undefined;
      try {
        return await ask(requests, onData);
      } catch (error) {
        // The module may have been taken out and loaded again: its family then has another number.
        if (known && error instanceof IpvsError && error.reason === 'no-ipvs') return ask(requests, onData);
        throw error;
      }
    },
  };
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
  const outcome = await channel.exchange({
    count: 1,
    encode: encodeFamilyRequest,
    onData: (body) => {
      number = familyReply(body);
    },
  });
  if (outcome.kind !== 'answered') throw failure([{ command: 'get-info' }], outcome);
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

const REASONS: Readonly<Record<Exclude<Outcome['kind'], 'answered'>, IpvsErrorReason>> = {
  lost: 'lost',
  malformed: 'malformed',
  closed: 'closed',
  invalid: 'invalid',
};

function failure(
  [first = { command: 'get-info' }]: readonly Request[],
  outcome: Exclude<Outcome, { kind: 'answered' }>,
): IpvsError {
  return requestError(first, REASONS[outcome.kind], outcome.cause);
}
