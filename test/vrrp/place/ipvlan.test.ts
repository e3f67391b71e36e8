/** use_ipvlan: its own address is on it, and adverts leave from there. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { RouteSocket } from '../../../src/net/route/socket.js';
import type { InstanceConfig, IpvlanConfig, UnicastConfig } from '../../../src/vrrp/config.js';
import { advertInterface, onMadeLink } from '../../../src/vrrp/place/made-link.js';
import { makeLinks } from '../../../src/vrrp/place/making.js';
import { movingOf } from '../../../src/vrrp/place/moving.js';
import { sourceAddress } from '../../../src/vrrp/place/source.js';
import { load } from '../../support/config.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { instance } from '../../support/instances.js';

const OWN: IpvlanConfig = {
  interface: 'vrrp.51',
  mode: 'bridge',
  address: { address: '10.0.0.5', prefixLength: 24 },
};
const UNICAST: UnicastConfig = {
  kind: 'unicast',
  peers: [{ address: '10.0.0.2' }],
  ttl: 255,
  checkSource: false,
  faultNoPeer: false,
  oldChecksum: 'auto',
};

/** What is on its interfaces once they are made; the kernel makes one at its request, or has it already. */
function made(ipvlan: IpvlanConfig, before: boolean) {
  const kernel = createFakeRoutes(['eth0', ipvlan.interface]);
  let there = before;
  const change: RouteSocket['change'] = (changes) => {
    const outcomes = kernel.socket.change(changes);
    there ||= changes.some(({ operation }) => operation === 'add ipvlan');
    return outcomes;
  };
  const socket = { ...kernel.socket, change };
  const byName = (name: string) => {
    const link = kernel.links.byName(name);
    if (name !== ipvlan.interface || link === undefined) return link;
    return there ? { ...link, kind: 'ipvlan', parent: kernel.links.indexOf('eth0') } : undefined;
  };
  const links = { ...kernel.links, byName };
  const config = instance({ ipvlan });
  const makings = makeLinks({ socket, links, later: new LaterChanges(socket) }, config);
  assert.deepEqual(makings, [{ name: ipvlan.interface, found: before ? 'well' : 'missing', errors: [] }]);
  return { addresses: kernel.addresses(), log: kernel.log };
}

describe('use_ipvlan', () => {
  for (const [when, before] of [
    ['when it is made', false],
    ['also where it is there already', true],
  ] as const) {
    it(`has its address on it for ever, ${when}`, () => {
      const { addresses, log } = made(OWN, before);
      assert.deepEqual(addresses, ['10.0.0.5/24 vrrp.51 forever']);
      assert.equal(log.includes('add ipvlan vrrp.51 on eth0'), !before);
    });
  }

  it('has none where the file gives none', () => {
    assert.deepEqual(made({ interface: 'vrrp.51', mode: 'bridge' }, false).addresses, []);
  });

  const sourceOf = (change: Partial<InstanceConfig>) =>
    sourceAddress(onMadeLink(instance(change)), [], movingOf([]));

  it('adverts leave from its address, unless the file gives another source', () => {
    assert.equal(sourceOf({ ipvlan: OWN }), '10.0.0.5');
    assert.equal(sourceOf({ ipvlan: OWN, transport: UNICAST }), '10.0.0.5');
    const given = { ...UNICAST, sourceAddress: '10.0.0.9' };
    assert.equal(sourceOf({ ipvlan: OWN, transport: given }), '10.0.0.9');
  });

  it('unicast to its address arrives on it, multicast on the interface below', () => {
    assert.equal(advertInterface(instance({ ipvlan: OWN, transport: UNICAST })), 'vrrp.51');
    assert.equal(advertInterface(instance({ ipvlan: OWN })), 'eth0');
    const { address, ...without } = OWN;
    assert.equal(advertInterface(instance({ ipvlan: without, transport: UNICAST })), 'eth0');
  });

  const messages = (line: string, vip = '10.0.0.100') =>
    load(`vrrp_instance A {\nvirtual_router_id 51\n${line}\nvirtual_ipaddress { ${vip} }\n}`).messages;

  it('beside use_vmac, or with an address of another family, is an error at its place', () => {
    assert.deepEqual(messages('use_ipvlan 10.0.0.5/24'), []);
    assert.deepEqual(messages('use_vmac\nuse_ipvlan 10.0.0.5/24'), [
      '4:1: error: use_ipvlan: it cannot go with use_vmac',
    ]);
    assert.deepEqual(messages('use_ipvlan 10.0.0.5/24', 'fe80::1'), [
      '3:1: error: use_ipvlan "10.0.0.5": expected an ipv6 address, as the adverts are',
    ]);
  });
});
