/** Adverts repeat: one that is byte for byte the one believed last needs no second look. */
import { type Envelope, type Received, type Receiver, receiveAdvert } from './receive.js';

type Believed = {
  readonly receiver: Receiver;
  readonly payload: Uint8Array;
  readonly envelope: Envelope;
  readonly received: Received;
};

/** `receiveAdvert`, with the last advert remembered. A receiver that changes is another object. */
export function createRepeats(): typeof receiveAdvert {
  let last: Believed | undefined;
  return (receiver, payload, envelope) => {
    if (last !== undefined && isRepeat(last, receiver, payload, envelope)) return last.received;
    const received = receiveAdvert(receiver, payload, envelope);
    if (received.kind === 'advert')
      last = { receiver, payload: Uint8Array.from(payload), envelope, received };
    return received;
  };
}

function isRepeat(last: Believed, receiver: Receiver, payload: Uint8Array, envelope: Envelope): boolean {
  return (
    last.receiver === receiver &&
    last.envelope.source === envelope.source &&
    last.envelope.destination === envelope.destination &&
    last.envelope.ttl === envelope.ttl &&
    sameBytes(last.payload, payload)
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
