/** Runs in a director until its standard input ends: then tells the most active connections each server had at once, as JSON. */
import { readFileSync } from 'node:fs';
import { parseTable } from '../lab/ipvs.js';

const LOOK_MS = 10;
const most: Record<string, number> = {};

const timer = setInterval(() => {
  for (const { servers } of parseTable(readFileSync('/proc/net/ip_vs', 'utf8')))
    for (const { address, active } of servers) most[address] = Math.max(most[address] ?? 0, active);
}, LOOK_MS);

process.stdin.resume().once('end', () => {
  clearInterval(timer);
  console.log(JSON.stringify(most));
});
