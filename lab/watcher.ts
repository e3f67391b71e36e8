/**
 * Runs in a director: writes a line of JSON, {"at":MS,"table":[…],"holdsVip":true}, when the IPVS table has other services, servers
 * or weights than before, or the director has got or lost the VIP. Looks every 20 ms.
 */
import { readFileSync } from 'node:fs';
import { parseTable, type TableService } from './ipvs.js';
import { VIP } from './topology.js';

/** What was first seen at that wall time: it may be so since 20 ms. `holdsVip`: the director answers for the VIP's IPv4 address. */
export type Sighting = {
  readonly at: number;
  readonly table: readonly TableService[];
  readonly holdsVip: boolean;
};

const LOOK_MS = 20;

let before = '';

setInterval(() => {
  const text = readFileSync('/proc/net/ip_vs', 'utf8');
  const holdsVip = readFileSync('/proc/net/fib_trie', 'latin1').includes(`|-- ${VIP.v4}\n`);
  const settings = `${holdsVip} ${text.replace(/ +\d+ +\d+ *$/gm, '')}`;
  if (settings === before) return;
  before = settings;
  const sighting: Sighting = { at: Date.now(), table: parseTable(text), holdsVip };
  process.stdout.write(`${JSON.stringify(sighting)}\n`);
}, LOOK_MS);
