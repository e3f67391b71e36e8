/** fifo_write_vrrp_states_on_reload: what a reload repeats of instances and groups that are still there, and of those that are not. */
import assert from 'node:assert/strict';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { VrrpConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const virtualAddresses = [{ ...address('10.77.0.100'), prefixLength: 24 }];
const VI = instance({ advertIntMs: 100, virtualAddresses });
const { track, notify } = VI;
const VG = { name: 'VG', instances: ['VI_1'], track, trackingWeight: false, notify };

describe('states on a FIFO', () => {
  it('are repeated by a reload, but for a group that is no longer there', () =>
    withNetwork(['a'], async (network) => {
      const a = new VrrpProcess(network.host('a'));
      const path = join(a.stateDir, 'fifo');
      const configOf = (syncGroups: VrrpConfig['syncGroups']) => {
        const { process: settings } = vrrpConfig([]);
        const wanted = { ...settings, notifyFifos: [{ path }], fifoWriteStatesOnReload: true };
        return vrrpConfig([VI], { syncGroups, process: wanted });
      };
      /** What a reload writes. */
      const reload = async (syncGroups: VrrpConfig['syncGroups']) => {
        a.configure(configOf(syncGroups));
        await a.status();
        return readLines(path);
      };
      try {
        await a.start(configOf([VG]));
        await a.until('MASTER');
        readLines(path);
        const [own, group] = ['INSTANCE "VI_1" MASTER 100', 'GROUP "VG" MASTER 0'];
        assert.deepEqual(await reload([VG]), [own, group]);
        assert.deepEqual(await reload([]), [own]);
        assert.deepEqual(await reload([]), [own]);
      } finally {
        await a.dispose();
      }
    }));
});

/** The lines that are there now. */
function readLines(path: string): readonly string[] {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer)).split('\n').filter(Boolean);
  } finally {
    closeSync(fd);
  }
}
