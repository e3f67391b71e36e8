/** What a checker needs to know. The configuration fills these in with every default resolved. */
import type { Family } from '../net/address.js';

export type CheckerConfig = TcpCheckConfig | HttpGetConfig | PingCheckConfig | AgentCheckConfig;

/** What every checker has (keepalived's common checker options). */
export type CheckerCommon = {
  /** Unique and stable over reloads while nothing of the check itself changes: `VIRTUAL/REAL/TYPE[#n]`. */
  readonly id: string;
  /** Ids of the virtual and real server this check speaks for. */
  readonly virtualServer: string;
  readonly realServer: string;
  readonly connection: ConnectionOptions;
  /** Further tries after a failure while up. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  readonly delayLoopMs: number;
  /** The first run is at a random moment within this time. */
  readonly warmupMs: number;
  /** Starts down, and counts as up only after a success. */
  readonly alpha: boolean;
  readonly logAllFailures: boolean;
};

export type ConnectionOptions = {
  readonly family: Family;
  readonly address: string;
  /** 0 where the check has none (ping). */
  readonly port: number;
  readonly bindAddress?: string;
  readonly bindPort?: number;
  readonly bindInterface?: string;
  /** SO_MARK; 0 is none. */
  readonly fwmark: number;
  readonly timeoutMs: number;
};

export type TcpCheckConfig = CheckerCommon & { readonly type: 'TCP_CHECK' };
export type PingCheckConfig = CheckerCommon & { readonly type: 'PING_CHECK' };

/** Never fails: `retry` and `alpha` mean nothing to it. */
export type AgentCheckConfig = CheckerCommon & {
  readonly type: 'AGENT_CHECK';
  /** Sent when connected. */
  readonly send?: string;
};

export type HttpGetConfig = CheckerCommon & {
  readonly type: 'HTTP_GET' | 'SSL_GET';
  readonly httpProtocol: '1.0' | '1.0C' | '1.0c' | '1.1';
  /** Retry at once, not after delay_before_retry, while recovering. */
  readonly fastRecovery: boolean;
  readonly tls?: TlsOptions;
  /** At least one. */
  readonly urls: readonly UrlConfig[];
};

export type TlsOptions = {
  readonly enableSni: boolean;
  readonly sniName?: string;
  /** End the TLS session with close_notify as RFC 8446 §6.1 wants. */
  readonly tlsCompliant: boolean;
  /** lvsd's own keyword `tls_verify`: the certificate must be valid for the name. */
  readonly verify: boolean;
  /** PEM files of the root-level SSL block. */
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly password?: string;
};

export type UrlConfig = {
  readonly path: string;
  /** The Host header and, unless said otherwise, the SNI name; absent: address and port. */
  readonly virtualhost?: string;
  /** Inclusive ranges, 100–599. */
  readonly statusCodes: readonly { readonly from: number; readonly to: number }[];
  /** MD5 of the body in hex, 32 characters. */
  readonly digest?: string;
  readonly regex?: RegexConfig;
  readonly tlsCompliant?: boolean;
};

export type RegexConfig = {
  /** The JavaScript pattern that says the same as the file's, already checked to compile. Without flag u it is about bytes. */
  readonly pattern: string;
  /** Flags of the JavaScript expression that says the same as keepalived's regex_options. */
  readonly flags: string;
  /** The check fails when the expression matches. */
  readonly noMatch: boolean;
  /** First and last byte of the body a match may start at. */
  readonly minOffset: number;
  readonly maxOffset?: number;
};
