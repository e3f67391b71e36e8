/**
 * A neighbour that floods: `node flood.js SOURCE DESTINATION PACKETS_A_SECOND SECONDS` sends VRRP-like junk, bounded in
 * rate and time: any virtual router, length and TTL. Prints how many packets it sent: fewer than that where the machine stood still.
 */

import { encodeIpPacket } from '../../src/net/ip-packet.js';
import { interfaceIndex } from '../../src/net/libc.js';
import { openRawSender } from '../../src/net/raw-sender.js';
import { SystemError } from '../../src/net/system-error.js';

const [source = '', destination = '', rate = '', seconds = ''] = process.argv.slice(2);
const sender = openRawSender('ipv4', { name: 'eth0', index: interfaceIndex('eth0') });
if (sender instanceof SystemError) throw new Error(String(sender));
const total = Number(rate) * Number(seconds);
const startAt = performance.now();
/** What is more than this overdue is not sent: made up for all at once, it would be more than the rate. */
const BURST = 500;
let next = 0;
let sent = 0;

function junk(): Uint8Array {
  return Uint8Array.from({ length: Math.floor(Math.random() * 64) }, () => Math.floor(Math.random() * 256));
}

const packets = Array.from({ length: 1000 }, junk);

function step(): void {
  const due = Math.min(total, Math.floor(((performance.now() - startAt) / 1000) * Number(rate)));
  for (next = Math.max(next, due - BURST); next < due; next += 1) {
    const header = { source, destination, protocol: 112, ttl: next % 2 === 0 ? 255 : 64, tos: 0 };
    const packet = encodeIpPacket(header, packets[next % packets.length] ?? junk());
    (sender as Exclude<typeof sender, SystemError>).send(packet, destination);
    sent += 1;
  }
  if (next < total) setTimeout(step, 1);
  else console.log(sent);
}

step();
