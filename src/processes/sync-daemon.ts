/** lvs_sync_daemon: the kernel tells the other director of connections while this one is master, and listens otherwise. */
import type { IpvsClient } from '../ipvs/client.js';
import type { SyncDaemon } from '../ipvs/table.js';
import type { LvsSyncDaemonConfig } from '../vrrp/config.js';

/**
 * The daemons that ought to run; undefined where that is not known yet, for want of the masters, and where none are configured, and
 * what runs is somebody else's. A master that still `receives` takes in what its predecessor tells it of.
 */
export function wantedDaemons(
  config: LvsSyncDaemonConfig | undefined,
  masters: readonly string[] | undefined,
  receives = false,
): readonly SyncDaemon[] | undefined {
  if (config === undefined) return undefined;
  const { instance, ...settings } = config;
  if (instance !== undefined && masters === undefined) return undefined;
  const sends = instance === undefined || masters?.includes(instance) === true;
  const roles: SyncDaemon['role'][] = sends ? ['master'] : [];
  if (instance === undefined || !sends || receives) roles.push('backup');
  return roles.map((role) => ({ role, ...settings }));
}

type Client = Pick<IpvsClient, 'syncDaemons' | 'startSyncDaemon' | 'stopSyncDaemon'>;

/** Stops what is not wanted, or is not as wanted, then starts what is missing. Rejects with the kernel's refusal. */
export async function switchDaemons(client: Client, wanted: readonly SyncDaemon[]): Promise<void> {
  const running = await client.syncDaemons();
  const stays = (daemon: SyncDaemon) => wanted.some((each) => agrees(each, daemon));
  for (const daemon of running) if (!stays(daemon)) await client.stopSyncDaemon(daemon.role);
  for (const daemon of wanted) {
    if (!running.some((each) => agrees(daemon, each))) await client.startSyncDaemon(daemon);
  }
}

/** What is not asked for is the kernel's choice. */
function agrees(wanted: SyncDaemon, running: SyncDaemon): boolean {
  return (Object.keys(wanted) as (keyof SyncDaemon)[]).every((key) => wanted[key] === running[key]);
}
