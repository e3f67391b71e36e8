/**
 * Runs in a director: writes a line of JSON, {"at":MS,"table":[…]}, when the IPVS table has other services, servers or weights
 * than before. Looks every 20 ms.
 */
import { readFileSync } from 'node:fs';
import { parseTable, type TableService } from './ipvs.js';

/** A table, and the wall time at which it was first seen so: it may be so since 20 ms. */
export type Sighting = { readonly at: number; readonly table: readonly TableService[] };

const LOOK_MS = 20;

let before = '';

setInterval(() => {
  const text = readFileSync('/proc/net/ip_vs', 'utf8');
  const settings = text.replace(/ +\d+ +\d+ *$/gm, '');
  if (settings === before) return;
  before = settings;
  const sighting: Sighting = { at: Date.now(), table: parseTable(text) };
  process.stdout.write(`${JSON.stringify(sighting)}\n`);
}, LOOK_MS);
