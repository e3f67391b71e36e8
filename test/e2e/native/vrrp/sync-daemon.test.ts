/** What the kernel hears of connection synchronisation, as processes of a whole daemon are killed. Its IPVS alone is none. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '../../../../src/admin/status.js';
import type { ChildName } from '../../../../src/processes/messages.js';
import { Daemon } from '../../../support/daemon.js';
import { keptIpvs, toldOf } from '../../../support/kept-ipvs.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

const CONFIGURATION = `global_defs {
    lvs_sync_daemon eth0 VI_1
  }
  vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    priority 150
    advert_int 0.2
    vip_lifetime 60
    virtual_ipaddress {
      10.77.0.100/24
    }
  }\n`;
/** A machine under load may take five times as long for anything. */
const BOTH: readonly ChildName[] = ['lvsd-lvs', 'lvsd-vrrp'];

describe('lvs_sync_daemon of a whole daemon', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-ipvs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const isMaster = ({ vrrp }: Status) =>
    vrrp !== undefined && 'instances' in vrrp && vrrp.instances[0]?.state === 'MASTER';

  it('is switched with the elections, and with nothing else: whoever is killed and started again', () =>
    withNetwork(['a'], async (network) => {
      const kernel = join(folder, 'ipvs');
      const daemon = new Daemon(network.host('a').namespace, keptIpvs(kernel));
      const told = () => toldOf(kernel);
      /** Runs what makes processes of these names come up, and waits until they know of each other. */
      const bringsUp = async (names: readonly ChildName[], act: () => Promise<void> | void) => {
        const ups = () => names.map((name) => daemon.log.split(`${name} is ready`).length);
        const before = ups();
        await act();
        const areUp = () => ups().every((count, i) => count > (before[i] ?? 0));
        await daemon.until((status) => areUp() && isMaster(status));
      };
      try {
        daemon.configure(CONFIGURATION);
        await bringsUp(BOTH, () => void daemon.start());
        await eventually('it sends', () => told().at(-1) === 'start master');
        const elected = told();

        for (const name of ['lvsd-lvs', 'lvsd-vrrp', 'lvsd-lvs'] as const) {
          await bringsUp([name], () => void process.kill(daemon.pid(name) ?? assert.fail(), 'SIGKILL'));
          assert.deepEqual(told(), elected, name);
        }
        await bringsUp(BOTH, async () => {
          process.kill(daemon.pid('lvsd') ?? assert.fail(), 'SIGKILL');
          await daemon.ended();
          daemon.start();
        });
        assert.deepEqual(told(), elected, 'lvsd');
        await bringsUp(BOTH, async () => {
          daemon.signal('SIGQUIT');
          await daemon.ended();
          daemon.start();
        });
        assert.deepEqual(told(), elected, 'all');

        daemon.signal('SIGTERM');
        await daemon.ended();
        assert.ok(told().length > elected.length && told().at(-1)?.startsWith('stop'), `${told()}`);
      } finally {
        await daemon.dispose();
      }
    }));
});
