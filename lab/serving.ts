/** Which of the lab's servers take part for the VIP, by a table of IPVS. Pure. */
import type { TableService } from './ipvs.js';
import { ADDRESS, type ServerName, VIP } from './topology.js';

/** Whether exactly these servers take part. */
export function serving(table: readonly TableService[], names: readonly ServerName[]): boolean {
  const wanted = names.map((name) => `${ADDRESS[name].v4}:80`);
  return participants(table).sort().join() === wanted.sort().join();
}

/** Whether this server takes part, whoever else does. */
export function takesPart(table: readonly TableService[], name: ServerName): boolean {
  return participants(table).includes(`${ADDRESS[name].v4}:80`);
}

function participants(table: readonly TableService[]): string[] {
  const service = table.find(({ protocol, address }) => protocol === 'TCP' && address === `${VIP.v4}:80`);
  return service?.servers.filter(({ weight }) => weight > 0).map(({ address }) => address) ?? [];
}
