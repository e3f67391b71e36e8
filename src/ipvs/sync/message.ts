/**
 * Messages of the kernel's connection synchronisation, version 1, as its backup daemon takes them
 * (the format is described in net/netfilter/ipvs/ip_vs_sync.c). Pure.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---------------+---------------+-------------------------------+
 *     |       0       |    SyncID     |      Size of the message      |
 *     +---------------+---------------+-------------------------------+
 *     |  Connections  |   Version 1   |               0               |
 *     +---------------+---------------+-------------------------------+   for each connection:
 *     | 0 v4, 1 v6    |   Protocol    | 0 (4 bits), size (12 bits)    |
 *     |                             Flags                             |
 *     |             State             |          Client port          |
 *     |         Virtual port          |           Real port           |
 *     |                         Firewall mark                         |
 *     |                    Timeout, whole seconds                     |
 *     |      Client, virtual and real address, 4 or 16 bytes each     |
 *     +---------------------------------------------------------------+
 */
import type { Connection } from './connection.js';

/** What a message says of a connection. */
export type SyncEntry = Omit<Connection, 'state' | 'expiresS'> & {
  /** IP_VS_CONN_F_* */
  readonly flags: number;
  /** IP_VS_TCP_S_* and its like. */
  readonly state: number;
  readonly fwmark: number;
  readonly timeoutS: number;
};

export type MessageOptions = {
  readonly syncId: number;
  /** Bytes of a message at most. */
  readonly maxLength: number;
};

const HEADER_BYTES = 8;
const FIXED_BYTES = 24;
const VERSION = 1;
const TYPE_INET6 = 1;
/** The count is one byte. */
const MOST_ENTRIES = 255;

/** As few messages as hold all entries. An entry that fits into no message gets one of its own. */
export function encodeMessages(entries: readonly SyncEntry[], options: MessageOptions): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let batch: SyncEntry[] = [];
  let length = HEADER_BYTES;
  for (const entry of entries) {
    const bytes = sizeOf(entry);
    if (batch.length === MOST_ENTRIES || (batch.length > 0 && length + bytes > options.maxLength)) {
      messages.push(encodeMessage(batch, length, options.syncId));
      batch = [];
      length = HEADER_BYTES;
    }
    batch.push(entry);
    length += bytes;
  }
  if (batch.length > 0) messages.push(encodeMessage(batch, length, options.syncId));
  return messages;
}

function encodeMessage(entries: readonly SyncEntry[], length: number, syncId: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, syncId);
  view.setUint16(2, length);
  view.setUint8(4, entries.length);
  view.setUint8(5, VERSION);
  let at = HEADER_BYTES;
  for (const entry of entries) {
    putEntry(view, at, entry);
    at += sizeOf(entry);
  }
  return bytes;
}

function putEntry(view: DataView, at: number, entry: SyncEntry): void {
  const { clientAddress, virtualAddress, realAddress } = entry;
  view.setUint8(at, clientAddress.length === 16 ? TYPE_INET6 : 0);
  view.setUint8(at + 1, entry.protocol);
  view.setUint16(at + 2, sizeOf(entry));
  view.setUint32(at + 4, entry.flags);
  view.setUint16(at + 8, entry.state);
  view.setUint16(at + 10, entry.clientPort);
  view.setUint16(at + 12, entry.virtualPort);
  view.setUint16(at + 14, entry.realPort);
  view.setUint32(at + 16, entry.fwmark);
  view.setUint32(at + 20, entry.timeoutS);
  const addresses = new Uint8Array(view.buffer, at + FIXED_BYTES, 3 * clientAddress.length);
  addresses.set(clientAddress);
  addresses.set(virtualAddress, clientAddress.length);
  addresses.set(realAddress, 2 * clientAddress.length);
}

function sizeOf({ clientAddress }: SyncEntry): number {
  return FIXED_BYTES + 3 * clientAddress.length;
}
