import assert from 'node:assert/strict';
import type { SyncDaemon } from '../../src/ipvs/table.js';
import { switchDaemons, wantedDaemons } from '../../src/processes/sync-daemon.js';

const config = { interface: 'eth1', instance: 'VI_1', syncId: 51 };
const master: SyncDaemon = { role: 'master', interface: 'eth1', syncId: 51 };
const backup: SyncDaemon = { ...master, role: 'backup' };

describe('processes/sync-daemon', () => {
  it('sends while its instance is master, and listens otherwise', () => {
    assert.deepEqual(wantedDaemons(config, ['VI_1']), [master]);
    assert.deepEqual(wantedDaemons(config, ['VI_2']), [backup]);
  });

  it('listens a little longer as a master that is told of connections', () => {
    assert.deepEqual(wantedDaemons(config, ['VI_1'], true), [master, backup]);
    assert.deepEqual(wantedDaemons(config, [], true), [backup]);
  });

  it('does both without an instance, and is left alone without a configuration', () => {
    assert.deepEqual(wantedDaemons({ interface: 'eth1', syncId: 51 }, []), [master, backup]);
    assert.equal(wantedDaemons(undefined, ['VI_1']), undefined);
  });

  async function switched(running: readonly SyncDaemon[], wanted: readonly SyncDaemon[]): Promise<string[]> {
    const done: string[] = [];
    await switchDaemons(
      {
        syncDaemons: async () => running,
        startSyncDaemon: async ({ role }) => void done.push(`start ${role}`),
        stopSyncDaemon: async (role) => void done.push(`stop ${role}`),
      },
      wanted,
    );
    return done;
  }

  it('stops the one role before it starts the other', async () => {
    assert.deepEqual(await switched([backup], [master]), ['stop backup', 'start master']);
  });

  it('leaves alone what is as wanted, whatever the kernel chose for the rest', async () => {
    assert.deepEqual(await switched([{ ...master, port: 8848, ttl: 1 }], [master]), []);
  });

  it('starts one anew that is on another interface', async () => {
    assert.deepEqual(await switched([{ ...master, interface: 'eth9' }], [master]), [
      'stop master',
      'start master',
    ]);
  });
});
