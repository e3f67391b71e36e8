/** A director that has just been started, alone and with short adverts. Its IPVS is a file that takes its time. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../../../support/daemon.js';
import { keptIpvs, toldOf } from '../../../support/kept-ipvs.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

const CONFIGURATION = `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    priority 150
    advert_int 0.01
    virtual_ipaddress {
      10.77.0.100/24
    }
  }
  virtual_server 10.77.0.100 80 {
    lb_algo sed
    lb_kind DR
    protocol TCP
    overflow connections
    sorry_server 10.77.0.20 80
    real_server 10.77.0.11 80 {
      uthreshold 50
    }
  }\n`;

describe('a director that has just been started', () => {
  it('has the addresses when the kernel has the table, though that is read first, and not before', () =>
    withNetwork(['a'], async (network) => {
      const folder = mkdtempSync(join(tmpdir(), 'lvsd-ipvs-'));
      const kernel = join(folder, 'ipvs');
      const host = network.host('a');
      const daemon = new Daemon(host.namespace, keptIpvs(kernel, 500));
      const hasAddress = () => host.run('ip -o addr show dev eth0').includes('10.77.0.100');
      try {
        daemon.configure(CONFIGURATION);
        daemon.start();
        await eventually('the address is there', hasAddress);
        assert.deepEqual(toldOf(kernel), ['add', 'add']);
      } finally {
        await daemon.dispose();
        rmSync(folder, { recursive: true });
      }
    }));
});
