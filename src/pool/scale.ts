/**
 * Weights with which sed and fo give the sorry servers nothing while a real server has room. Pure.
 *
 * sed takes the server with the least (active + 1) / weight, of equals the first (net/netfilter/ipvs/ip_vs_sed.c): a real
 * server is before an idle sorry server while (active + 1) / weight < 1 / sorry weight. fo takes the greatest weight.
 */
import type { RealServerConfig, SorryServerConfig } from './config.js';

/** What ipvsadm and keepalived take for a weight. */
export const MAX_SCALED = 65_535;

type Weighted = { readonly weight: number };

/** The whole number real servers' weights are multiplied by, 1 at least. */
export function realScale(servers: readonly Weighted[]): number {
  const largest = Math.max(0, ...servers.map(({ weight }) => weight));
  return largest === 0 ? 1 : Math.max(1, Math.floor(MAX_SCALED / largest));
}

/** What sorry servers' weights are divided by: they are to be as small as their shares allow. */
export function sorryDivisor(sorryServers: readonly Weighted[]): number {
  return sorryServers.reduce((divisor, { weight }) => gcd(divisor, weight), 0) || 1;
}

/** The weight above which a real server of a limit is before every sorry server. */
export function neededWeight(limit: number, sorryServers: readonly Weighted[], failover: boolean): number {
  const heaviest = Math.max(0, ...sorryServers.map(({ weight }) => weight)) / sorryDivisor(sorryServers);
  return failover ? heaviest : (limit + 1) * heaviest;
}

export type Margin = {
  readonly server: RealServerConfig;
  /** Its weight as scaled, and the one it must exceed. */
  readonly weight: number;
  readonly needed: number;
};

/** The server that exceeds its needed weight by the smallest factor; undefined when none takes connections. */
export function leastMargin(
  realServers: readonly RealServerConfig[],
  sorryServers: readonly SorryServerConfig[],
  failover: boolean,
): Margin | undefined {
  const scale = realScale(realServers);
  const margins = realServers
    .filter(({ weight }) => weight > 0)
    .map((server) => ({
      server,
      weight: server.weight * scale,
      needed: neededWeight(server.upperThreshold, sorryServers, failover),
    }));
  return margins.sort((a, b) => a.weight / a.needed - b.weight / b.needed)[0];
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
