/**
 * Keeps the synchronisation daemons of the kernel as they ought to be. Whoever does not know the masters yet touches none: what runs is
 * a predecessor's, and most likely right.
 */
import type { Clock, Timer } from '../clock.js';
import type { SyncDaemon } from '../ipvs/table.js';
import type { LvsSyncDaemonConfig } from '../vrrp/config.js';
import { wantedDaemons } from './sync-daemon.js';

export type SynchroniserOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'warn', (text: string) => void>>;
  /** Runs these daemons and no others; undefined leaves alone what runs. */
  readonly synchronise: (daemons: readonly SyncDaemon[] | undefined) => Promise<void>;
  /** Whether connections are taken in, although this director may be master already. */
  readonly receives: () => boolean;
};

export type Synchroniser = {
  readonly configure: (config: LvsSyncDaemonConfig | undefined) => Promise<void>;
  /** From now on lvsd-vrrp can tell of the masters, if it is there. */
  readonly expect: () => Promise<void>;
  /** The instances that are MASTER. */
  readonly setMasters: (names: readonly string[]) => Promise<void>;
  /** What `receives` answers has changed. */
  readonly look: () => Promise<void>;
  /** With `remove` none runs any more; without, they are a successor's. */
  readonly end: (options: { readonly remove: boolean }) => Promise<void>;
};

/** An lvsd-vrrp that has said nothing for so long is not coming: nobody is master here. */
const MASTERS_WAIT_MS = 10_000;

export function createSynchroniser(options: SynchroniserOptions): Synchroniser {
  const { clock, log, synchronise, receives } = options;
  let config: LvsSyncDaemonConfig | undefined;
  let masters: readonly string[] | undefined;
  let waiting: Timer | undefined;
  let expected = false;
  let ended = false;
  return { configure, expect, setMasters, look, end };

  function configure(next: LvsSyncDaemonConfig | undefined): Promise<void> {
    const ours = config !== undefined;
    config = next;
    if (next !== undefined) return look();
    forget();
    return ours ? synchronise([]) : Promise.resolve();
  }

  function expect(): Promise<void> {
    expected = true;
    return look();
  }

  function setMasters(names: readonly string[]): Promise<void> {
    masters = names;
    forget();
    return look();
  }

  function look(): Promise<void> {
    if (ended) return Promise.resolve();
    if (expected && config?.instance !== undefined && masters === undefined) {
      waiting ??= clock.wake(clock.now() + MASTERS_WAIT_MS, giveUp);
    }
    return synchronise(wantedDaemons(config, masters, receives()));
  }

  function giveUp(): void {
    log.warn(
      `lvs_sync_daemon: lvsd-vrrp has not told within ${MASTERS_WAIT_MS / 1000} s who is MASTER: as BACKUP`,
    );
    void setMasters([]);
  }

  function forget(): void {
    waiting?.cancel();
    waiting = undefined;
  }

  function end({ remove }: { readonly remove: boolean }): Promise<void> {
    forget();
    ended = true;
    return remove && config !== undefined ? synchronise([]) : Promise.resolve();
  }
}
