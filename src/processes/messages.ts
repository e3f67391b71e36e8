/** The only protocol between the processes: what the supervisor and its children say to each other. */
import type { Config } from '../config/config.js';
import type { LogFormat } from '../log.js';
import type { Mail } from '../mail/config.js';
import type { ScriptResult } from '../script/run.js';
import type { Script } from '../script.js';
import type { HandoverResult } from '../vrrp/commands.js';
import type { Stage } from '../vrrp/election/stage.js';
import type { VrrpStatus } from '../vrrp/status.js';

export type ChildName = 'lvsd-lvs' | 'lvsd-vrrp';

/** How a child is to work, fixed for its life. */
export type ChildSettings = {
  readonly stateDir: string;
  /** Check the servers, and only tell what would be done. */
  readonly dryRun: boolean;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
};

/** What holds until it is said otherwise: a child that is started again hears it before it does anything. */
export type News =
  /** To lvsd-vrrp: whether each virtual server has its quorum, by id. */
  | { readonly kind: 'pools'; readonly up: Readonly<Record<string, boolean>> }
  /** To lvsd-vrrp: whether the health checks run; not while their process dies again and again. */
  | { readonly kind: 'checks'; readonly run: boolean }
  /** To lvsd-lvs: how often each child was started. */
  | { readonly kind: 'starts'; readonly counts: Readonly<Partial<Record<ChildName, number>>> }
  /** To lvsd-lvs: the instances that are MASTER. */
  | { readonly kind: 'masters'; readonly names: readonly string[] }
  /** To lvsd-lvs: how far a move of an instance's addresses is, and how long it has been so; absent: since now. */
  | {
      readonly kind: 'stage';
      readonly instance: string;
      readonly stage: Stage;
      readonly agoMs?: number;
    };

export type ToChild =
  | {
      readonly kind: 'start';
      readonly settings: ChildSettings;
      readonly version: string;
      readonly config: Config;
      readonly news: readonly News[];
    }
  /** A reload: keep all state that still applies. `at` is milliseconds since 1970. */
  | { readonly kind: 'configure'; readonly config: Config; readonly at: number }
  /** A reload that failed: the running configuration goes on, and status tells. `at` is milliseconds since 1970. */
  | { readonly kind: 'reloadFailed'; readonly errors: readonly string[]; readonly at: number }
  /** To lvsd-lvs: the reload it asked for is over; what it led to has been sent before. `refused`: why the file was not read. */
  | {
      readonly kind: 'reloaded';
      readonly id: number;
      readonly warnings: readonly string[];
      readonly refused?: string;
    }
  /** Answer with `here`: whether the process still works. */
  | { readonly kind: 'hail' }
  /** End, and take out of the kernel what lvsd put there. */
  | { readonly kind: 'stop' }
  /** End, and leave the kernel as it is for a successor to adopt. */
  | { readonly kind: 'leave' }
  /** To lvsd-vrrp: lvsd-lvs wants something, and gets a `reply` of the same id. */
  | { readonly kind: 'request'; readonly id: number; readonly request: VrrpRequest }
  /** To lvsd-vrrp: nobody waits for the reply any more. What has not begun is not to begin. */
  | { readonly kind: 'withdraw'; readonly id: number }
  /** To lvsd-lvs. */
  | { readonly kind: 'reply'; readonly id: number; readonly reply: VrrpReply }
  /** A script that the child had run has ended. */
  | { readonly kind: 'ran'; readonly id: number; readonly result: ScriptResult }
  | News;

/** What the admin interface, which lvsd-lvs serves, asks of lvsd-vrrp. Without an instance all are meant. */
export type VrrpRequest =
  | { readonly what: 'status' }
  /** Whether all that was sent before has been obeyed. */
  | { readonly what: 'obeyed' }
  | { readonly what: 'handover'; readonly instance?: string | undefined }
  | { readonly what: 'resume'; readonly instance?: string | undefined };

export type VrrpReply =
  | { readonly kind: 'status'; readonly status: VrrpStatus }
  | { readonly kind: 'obeyed' }
  | { readonly kind: 'handover'; readonly results: readonly HandoverResult[] }
  /** `absent`: no lvsd-vrrp runs. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly text: string };

export type FromChild =
  /** Up, and waiting for `start`. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'here' }
  | Extract<ToChild, { kind: 'request' | 'withdraw' | 'reply' }>
  | Extract<News, { kind: 'pools' | 'masters' | 'stage' }>
  /** Read the configuration again, and answer with `reloaded`. */
  | { readonly kind: 'reload'; readonly id: number }
  /** Run a script in the supervisor, and answer with `ran`. */
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly script: Script;
      /** Absent: nobody expects its end, as with the reader of a FIFO. */
      readonly deadlineMs?: number | undefined;
      readonly env?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'cancel'; readonly id: number }
  /** Send it from the supervisor, which has time. */
  | { readonly kind: 'mail'; readonly mail: Mail }
  /** The child cannot work here, and trying again won't help. */
  | { readonly kind: 'fatal'; readonly text: string };
