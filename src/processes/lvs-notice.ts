/** What is told of servers and quorums beside log and scripts: lines for FIFOs, and mails. In keepalived's words. */
import type { ServiceKey } from '../ipvs/table.js';
import type { Mail } from '../mail/config.js';
import type { RealServerConfig, VirtualServerConfig } from '../pool/config.js';
import type { PoolEvent } from '../pool/pool.js';

/** What is to be told of one event; nothing of one that keepalived does not know. */
export type LvsNotice = { readonly line?: string; readonly mail?: Mail };

/** @param virtualServer the configuration the event is of, before the reload that removed it */
export function noticeOf(event: PoolEvent, virtualServer: VirtualServerConfig): LvsNotice {
  switch (event.kind) {
    case 'server-up':
    case 'server-down': {
      const server = virtualServer.realServers.find(({ id }) => id === event.realServer);
      if (server === undefined) return {};
      const to = event.kind === 'server-up' ? 'UP' : 'DOWN';
      const [rs, vs] = [serverName(server, virtualServer), serviceName(virtualServer)];
      const mail = { subject: `Realserver ${rs} of virtual server ${vs} - ${to}`, body: event.reason };
      return { line: `RS ${rs} ${vs} ${to}\n`, ...(server.smtpAlert && { mail }) };
    }
    case 'quorum-gained':
    case 'quorum-lost': {
      const to = event.kind === 'quorum-gained' ? 'UP' : 'DOWN';
      const vs = serviceName(virtualServer);
      const mail = { subject: `Virtualserver ${vs} - ${to}`, body: event.reason };
      return { line: `VS ${vs} ${to}\n`, ...(virtualServer.smtpAlert && { mail }) };
    }
    case 'drain-begun':
    case 'drain-done':
    case 'drain-undone':
    case 'agent-away':
    case 'agent-back':
      return {};
  }
}

/** `[10.0.0.100]:tcp:80`, `[NAME]:0` for a group, `FWM 5` for a mark. */
function serviceName({ id, services: [key] }: VirtualServerConfig): string {
  if (id.startsWith(GROUP)) return `[${id.slice(GROUP.length)}]:0`;
  if (key?.kind === 'fwmark') return `FWM ${key.fwmark}`;
  return key === undefined ? id : `[${key.address}]:${key.protocol}:${key.port}`;
}

const GROUP = 'group ';

/** A mark has no protocol. */
function serverName(
  { address, port }: RealServerConfig,
  { services: [key] }: Pick<VirtualServerConfig, 'services'>,
): string {
  return `[${address}]:${protocolOf(key)}:${port}`;
}

function protocolOf(key: ServiceKey | undefined): string {
  return key?.kind === 'address' ? key.protocol : 'none';
}
