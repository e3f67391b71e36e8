/** Reads synchronisation messages the way a backup daemon does, and refuses what it would refuse. */
import assert from 'node:assert/strict';
import type { SyncEntry } from '../../src/ipvs/sync/message.js';

export type SyncMessage = { readonly syncId: number; readonly entries: readonly SyncEntry[] };

export function readMessage(bytes: Uint8Array): SyncMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  assert.equal(view.getUint8(0), 0, 'version 0 has a count there');
  assert.equal(view.getUint16(2), bytes.length, 'the size is that of the datagram');
  assert.equal(view.getUint8(5), 1, 'version');
  assert.equal(view.getUint16(6), 0, 'spare');
  const entries: SyncEntry[] = [];
  let at = 8;
  for (let count = view.getUint8(4); count > 0; count--) {
    const { entry, size } = readEntry(bytes, view, at);
    entries.push(entry);
    at += size;
  }
  assert.equal(at, bytes.length, 'nothing after the last');
  return { syncId: view.getUint8(1), entries };
}

function readEntry(bytes: Uint8Array, view: DataView, at: number) {
  const type = view.getUint8(at);
  assert.ok(type === 0 || type === 1, `type ${type}`);
  const width = type === 1 ? 16 : 4;
  const size = view.getUint16(at + 2);
  assert.equal(size, 24 + 3 * width);
  const address = (index: number) => bytes.slice(at + 24 + index * width, at + 24 + (index + 1) * width);
  const entry: SyncEntry = {
    protocol: view.getUint8(at + 1),
    flags: view.getUint32(at + 4),
    state: view.getUint16(at + 8),
    clientPort: view.getUint16(at + 10),
    virtualPort: view.getUint16(at + 12),
    realPort: view.getUint16(at + 14),
    fwmark: view.getUint32(at + 16),
    timeoutS: view.getUint32(at + 20),
    clientAddress: address(0),
    virtualAddress: address(1),
    realAddress: address(2),
  };
  return { entry, size };
}
