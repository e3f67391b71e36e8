/** What a configuration needs of the machine. Pure. */
import type { Config } from '../../config/config.js';
import type { Family } from '../../net/address.js';
import type { RealServerConfig, SorryServerConfig, VirtualServerConfig } from '../../pool/config.js';
import type { InstanceConfig, LvsSyncDaemonConfig } from '../../vrrp/config.js';
import { allAddresses } from '../../vrrp/place/all-addresses.js';

export type Server = Pick<RealServerConfig, 'family' | 'address' | 'forwarding'>;

/** Every real and sorry server, each address once for each way packets reach it. */
export function serversOf({ virtualServers }: Pick<Config, 'virtualServers'>): readonly Server[] {
  const found = new Map<string, Server>();
  for (const server of virtualServers.flatMap(membersOf)) {
    found.set(`${server.forwarding.method} ${server.address}`, server);
  }
  return [...found.values()];
}

function membersOf({ realServers, sorryServers }: VirtualServerConfig): readonly Server[] {
  return [...realServers, ...(sorryServers as readonly SorryServerConfig[])];
}

/** Whether packets reach some server that way. */
export function forwards(config: Config, method: Server['forwarding']['method'], family?: Family): boolean {
  return serversOf(config).some(
    (server) => server.forwarding.method === method && (family === undefined || server.family === family),
  );
}

/** Firewall marks that the operator's own rules set; those of overflow sessions are lvsd's. */
export function hasMarks({ virtualServers }: Config): boolean {
  return virtualServers.some(
    ({ services, overflow }) =>
      overflow?.mode !== 'sessions' && services.some(({ kind }) => kind === 'fwmark'),
  );
}

/** Whether places in a pool are given out: overflow sessions. */
export function admits({ virtualServers }: Config): boolean {
  return virtualServers.some(({ overflow }) => overflow?.mode === 'sessions');
}

export function instancesOf({ vrrp }: Config): readonly InstanceConfig[] {
  return vrrp?.instances ?? [];
}

export function syncDaemonOf({ vrrp }: Config): LvsSyncDaemonConfig | undefined {
  if (vrrp === undefined) return undefined;
  const { process: settings } = vrrp;
  return settings.lvsSyncDaemon;
}

/** Whether anything is spoken in that family: services, servers or virtual routers. */
export function speaks(config: Config, family: Family): boolean {
  const addresses = instancesOf(config).flatMap(allAddresses);
  const keys = config.virtualServers.flatMap(({ services }) => services);
  return [...addresses, ...keys, ...serversOf(config)].some((each) => each.family === family);
}

/** Addresses that clients ask for, each once. */
export function serviceAddresses({ virtualServers }: Config): readonly string[] {
  const addresses = virtualServers.flatMap(({ services, overflow }) =>
    overflow?.mode === 'sessions'
      ? overflow.service.endpoints.map(({ address }) => address)
      : services.flatMap((key) => (key.kind === 'address' ? [key.address] : [])),
  );
  return [...new Set(addresses)];
}

export type NftNeed = { readonly for: string; readonly fatal: boolean };

/** What nftables are needed for. */
export function nftNeeds(config: Config): readonly NftNeed[] {
  const closed = instancesOf(config).some(({ accept }) => !accept);
  const handover = syncDaemonOf(config) !== undefined;
  return [
    ...(admits(config) ? [{ for: 'overflow sessions', fatal: true }] : []),
    ...(closed ? [{ for: 'no_accept', fatal: false }] : []),
    ...(handover ? [{ for: 'the hold of a hand-over (lvs_sync_daemon)', fatal: false }] : []),
  ];
}
