/** The only protocol between the processes: what the supervisor and its children say to each other. */
import type { Config } from '../config/config.js';

export type ChildName = 'lvsd-lvs' | 'lvsd-vrrp';

/** How a child is to work, fixed for its life. */
export type ChildSettings = {
  readonly stateDir: string;
  /** Check the servers, but leave the kernel alone. */
  readonly dryRun: boolean;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'text' | 'json';
};

export type ToChild =
  | {
      readonly kind: 'start';
      readonly settings: ChildSettings;
      readonly version: string;
      readonly config: Config;
    }
  /** A reload: keep all state that still applies. `at` is milliseconds since 1970. */
  | { readonly kind: 'configure'; readonly config: Config; readonly at: number }
  /** A reload that failed: the running configuration goes on, and status tells. `at` is milliseconds since 1970. */
  | { readonly kind: 'reloadFailed'; readonly errors: readonly string[]; readonly at: number }
  /** End, and take out of the kernel what lvsd put there. */
  | { readonly kind: 'stop' }
  /** End, and leave the kernel as it is for a successor to adopt. */
  | { readonly kind: 'leave' };

export type FromChild =
  | { readonly kind: 'ready' }
  /** The child cannot work here, and trying again won't help. */
  | { readonly kind: 'fatal'; readonly text: string };
