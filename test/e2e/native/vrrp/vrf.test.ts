/** `vrf` of an instance without an interface. To a socket a VRF is a device to be bound to, as which any will do here. */
import assert from 'node:assert/strict';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { rawSocketOptions } from '../../../support/lent-sockets.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

/** Senders have no local address, and IPPROTO_RAW as protocol; the receiver has 10.77.0.1 and 112. */
const [SENDER, RECEIVER] = ['00000000:00FF', '01004D0A:0070'];

describe('an instance with `vrf` and no interface', () => {
  it('has its sockets bound to it, and faults while it is not there', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const director = new VrrpProcess(a);
      const { interface: none, ...rest } = instance({ addresses: ['10.77.0.100'], advertIntMs: 100 });
      const transport = {
        kind: 'unicast',
        peers: [{ address: b.ipv4 }],
        sourceAddress: a.ipv4,
        ttl: 255,
        checkSource: false,
        faultNoPeer: false,
        oldChecksum: 'auto',
      } as const;
      const boundTo = (local: string) =>
        rawSocketOptions(director, local, 'SO_BINDTODEVICE').map((name) =>
          name.toString().replace(/\0.*/, ''),
        );
      try {
        await director.start(vrrpConfig([{ ...rest, transport, vrf: 'red' }]));
        assert.equal((await director.until('FAULT')).fault, 'interface red does not exist');
        a.run('ip link add red type veth peer name redp');
        a.run('ip link set redp up');
        a.run('ip link set red up');
        await director.until('MASTER');
        assert.deepEqual([boundTo(SENDER), boundTo(RECEIVER)], [['red'], ['red']]);
        a.run('ip link set red down');
        assert.equal((await director.until('FAULT')).fault, 'interface red is down');
        await eventually('no address', () => !a.run('ip -br addr').includes('10.77.0.100'));
      } finally {
        await director.dispose();
      }
    }));
});
