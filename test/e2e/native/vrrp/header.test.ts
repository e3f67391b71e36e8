/** The IP header of adverts as it is on the wire, told by tcpdump. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

/** In tcpdump's words. */
const IPV4 = /tos 0xc0, ttl 255,.* proto VRRP \(112\)/;
const IPV6 = /class 0xc0,.* hlim 255, next-header VRRP \(112\)/;

function unicast(peer: string): Pick<InstanceConfig, 'transport'> {
  return {
    transport: {
      kind: 'unicast',
      peers: [{ address: peer }],
      ttl: 255,
      checkSource: false,
      faultNoPeer: false,
      oldChecksum: 'auto',
    },
  };
}

describe('the header of adverts', () => {
  it('is marked as network control and has come over no router: IPv4 and IPv6, multicast and unicast', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const ways = [
        { header: IPV4, to: '224.0.0.18', vips: ['10.77.0.101'], change: {} },
        { header: IPV4, to: b.ipv4, vips: ['10.77.0.102'], change: unicast(b.ipv4) },
        { header: IPV6, to: 'ff02::12', vips: ['fe80::103'], change: {} },
        { header: IPV6, to: b.ipv6, vips: ['fe80::104'], change: unicast(b.ipv6) },
      ];
      const sniffer = b.start('tcpdump -l -n -v -i eth0 proto 112 or ip6 proto 112');
      let seen = '';
      sniffer.stdout?.on('data', (data: Buffer) => {
        seen += data.toString();
      });
      const lvsd = new VrrpProcess(a);
      try {
        await lvsd.start(
          vrrpConfig(
            ways.map(({ vips, change }, i) =>
              instance({
                name: `VI_${i + 1}`,
                virtualRouterId: i + 1,
                advertIntMs: 100,
                addresses: vips,
                ...change,
              }),
            ),
          ),
        );
        // An advert is a line that begins with its time, and indented ones; the last may be half written.
        const advertsTo = (to: string) =>
          seen
            .split(/\n(?=\S)/)
            .slice(0, -1)
            .filter((each) => each.includes(` > ${to}: `));
        await eventually('ten adverts of each', () => ways.every(({ to }) => advertsTo(to).length >= 10));
        for (const { header, to } of ways) {
          for (const each of advertsTo(to)) assert.match(each, header);
        }
      } finally {
        await lvsd.dispose();
      }
    }));
});
