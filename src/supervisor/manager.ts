/** What the service manager is told: that all processes are up, that a reload or the end has begun, and that the supervisor lives. */
import type { Clock, Timer } from '../clock.js';
import { notifyServiceManager, type ServiceState, watchdogMs } from '../net/service-manager.js';

export type ManagerOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'warn', (text: string) => void>>;
  readonly environment: NodeJS.ProcessEnv;
  readonly pid: number;
};

export type Manager = {
  readonly ready: () => void;
  /** A reload: followed by `ready`. */
  readonly reloading: () => void;
  readonly stopping: () => void;
};

/** Nothing happens where no manager asked for it (NOTIFY_SOCKET). */
export function createManager({ clock, log, environment, pid }: ManagerOptions): Manager {
  const everyMs = watchdogMs(environment, pid);
  let alive: Timer | undefined;
  if (everyMs !== undefined) live(everyMs / 2);
  return {
    ready: () => tell({ ready: true, status: 'all processes are up' }),
    reloading: () => tell({ reloading: true, status: 'reading the configuration' }),
    stopping: () => {
      // Or the process would never end by itself.
      alive?.cancel();
      tell({ stopping: true, status: 'stopping' });
    },
  };

  function live(gapMs: number): void {
    tell({ watchdog: true });
    alive = clock.wake(clock.now() + gapMs, () => live(gapMs));
  }

  function tell(state: ServiceState): void {
    const refused = notifyServiceManager(state, environment, process.hrtime.bigint() / 1000n);
    if (refused !== undefined) log.warn(refused.toString());
  }
}
