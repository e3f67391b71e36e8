/** garp_interval of an interface, where the frames leave by a macvlan upon it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const GAP_MS = 500;
const VIPS = ['10.77.0.100', '10.77.0.101', '10.77.0.102'];

describe('gratuitous ARP with use_vmac', () => {
  it('keeps the garp_interval of the interface below, and a reload meanwhile loses no frame', () =>
    withNetwork(['a', 'client'], async ({ host }) => {
      const director = new VrrpProcess(host('a'));
      const sniffer = host('client').start('tcpdump -l -n -tt -i eth0 arp and ether src 00:00:5e:00:01:33');
      let seen = '';
      sniffer.stdout?.on('data', (data: Buffer) => {
        seen += data.toString();
      });
      try {
        let ready = '';
        sniffer.stderr?.on('data', (data: Buffer) => {
          ready += data.toString();
        });
        await eventually('the sniffer', () => ready.includes('listening on'));
        await sleep(200);
        const vmac = { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false };
        const garpGroups = [{ interfaces: ['eth0'], garpIntervalMs: GAP_MS, gnaIntervalMs: 0 }];
        const virtualAddresses = VIPS.map(address);
        const garp = { ...instance().garp, masterDelayMs: 0, masterRepeat: 1 };
        const virtualRouter = instance({ virtualAddresses, vmac, advertIntMs: 100, garp });
        const config = vrrpConfig([virtualRouter], { garpGroups });
        await director.start(config);
        await director.until('MASTER');
        director.configure(config);
        const times = () =>
          seen
            .split('\n')
            .filter((line) => /Reply 10\.77\.0\.10\d is-at/.test(line))
            .map((line) => Number.parseFloat(line) * 1000);
        await eventually('an announcement of each', () => times().length >= VIPS.length);
        const gaps = times()
          .slice(1)
          .map((at, i) => at - (times()[i] ?? 0));
        // The announcer makes up for a late timer, by no more than 5 ms.
        assert.ok(
          gaps.every((ms) => ms > 0.9 * GAP_MS),
          seen,
        );
      } finally {
        await director.dispose();
      }
    }));
});
