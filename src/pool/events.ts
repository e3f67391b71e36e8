/** Tells the world of a pool's transitions: one log line each, and the script the configuration has for it. */
import type { ScriptCause } from '../script/queue.js';
import type { Script } from '../script.js';
import type { PoolEvent } from './pool.js';

export type EventOptions = {
  /**
   * Runs a notify script; must return at once. Those with one `target` (a virtual server, or one of its real servers) must run
   * one after another in the order given.
   */
  readonly runScript: (script: Script, why: ScriptCause) => void;
  readonly log: Readonly<Record<'info' | 'warn', (fields: object, text: string) => void>>;
  /** A virtual server gained or lost its quorum. */
  readonly onQuorum?: ((virtualServer: string, up: boolean) => void) | undefined;
  /** Told every event. */
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
};

/** Logs each event and starts its script, in order. */
export function report(
  events: readonly PoolEvent[],
  { runScript, log, onQuorum, onEvent }: EventOptions,
): void {
  for (const event of events) {
    const { script, ...fields } = event;
    const good = event.kind !== 'server-down' && event.kind !== 'quorum-lost';
    log[good ? 'info' : 'warn'](fields, describe(event));
    if (event.kind === 'quorum-gained' || event.kind === 'quorum-lost') onQuorum?.(event.virtualServer, good);
    onEvent?.(event);
    if (script) runScript(script, { target: target(event), event: event.kind });
  }
}

/** The event as one sentence for the log. */
export function describe(event: PoolEvent): string {
  switch (event.kind) {
    case 'server-up':
      return `${event.realServer} of ${event.virtualServer} is up: ${event.reason}`;
    case 'server-down':
      return `${event.realServer} of ${event.virtualServer} is down: ${event.reason}`;
    case 'quorum-gained':
      return `${event.virtualServer} has its quorum: ${event.reason}`;
    case 'quorum-lost':
      return `${event.virtualServer} lost its quorum: ${event.reason}`;
    case 'agent-away':
      return `${event.realServer} of ${event.virtualServer} wants no newcomers: ${event.reason}`;
    case 'agent-back':
      return `${event.realServer} of ${event.virtualServer} wants newcomers: ${event.reason}`;
    case 'drain-begun':
      return `${event.realServer} of ${event.virtualServer} is being drained: ${event.reason}`;
    case 'drain-done':
      return `${event.realServer} of ${event.virtualServer} has left: ${event.reason}`;
    case 'drain-undone':
      return `${event.realServer} of ${event.virtualServer} gets newcomers again: ${event.reason}`;
  }
}

function target(event: PoolEvent): string {
  return 'realServer' in event ? `${event.virtualServer} ${event.realServer}` : event.virtualServer;
}
