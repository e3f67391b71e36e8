/** A whole configuration, checked and with every default resolved: plain data, fit to be sent to a child process. */
import type { CheckerConfig } from '../checkers/config.js';
import type { FifoConfig } from '../fifo/config.js';
import type { MailConfig } from '../mail/config.js';
import type { VirtualServerConfig } from '../pool/config.js';
import type { VrrpConfig } from '../vrrp/config.js';

export type Config = {
  readonly global: GlobalConfig;
  readonly virtualServers: readonly VirtualServerConfig[];
  /** Every checker of every real server; each names the servers it speaks for. */
  readonly checkers: readonly CheckerConfig[];
  /** Absent where the file has no vrrp_instance and nothing else of VRRP. */
  readonly vrrp?: VrrpConfig;
};

export type GlobalConfig = {
  readonly routerId: string;
  readonly lvsTimeouts?: { readonly tcpS?: number; readonly tcpFinS?: number; readonly udpS?: number };
  readonly lvsFlush: boolean;
  /** What a stop removes beside lvsd's own entries: nothing, all services, or everything. */
  readonly lvsFlushOnStop: 'no' | 'services' | 'all';
  /** Absent where no smtp_server or no recipient is configured. */
  readonly mail?: MailConfig;
  /** Told of servers and quorums: `shared` of VRRP as well. */
  readonly notifyFifos: { readonly shared: readonly FifoConfig[]; readonly lvs: readonly FifoConfig[] };
  /** Where metrics can be had over HTTP beside the admin socket. */
  readonly metricsListen?: { readonly address: string; readonly port: number };
  /** Run notify_up for servers that are up at start. */
  readonly rsInitNotifies: boolean;
};

/** Something to say about the text of a configuration. */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  readonly text: string;
};
