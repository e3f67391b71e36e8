/** Interfaces an instance follows because its addresses and routes are on them. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import type { AddressConfig } from '../../../src/vrrp/place/network-config.js';
import { following } from '../../../src/vrrp/track/implied.js';
import { judge } from '../../../src/vrrp/track/judge.js';
import { address, instance } from '../../support/instances.js';
import { by, routeLine } from '../../support/route-lines.js';

const on = (name: string, change: Partial<AddressConfig> = {}): AddressConfig => ({
  ...address('192.0.2.9'),
  interface: name,
  ...change,
});

const routeBy = (...interfaces: readonly string[]) =>
  routeLine('10.1.0.0', {
    to: { address: '10.1.0.0', prefixLength: 16 },
    nexthops: interfaces.map((name) => by(name)),
  });

const followed = (change: Partial<InstanceConfig>) =>
  following(instance(change)).track.interfaces.map(({ name }) => name);

/** Its fault while one interface is down. */
const faultOf = (change: Partial<InstanceConfig>, down: string) =>
  judge([instance(change)], [], {
    read: (_kind, name) => name !== down,
    linkFaults: () => [],
    unfit: false,
  }).get('VI_1')?.fitness;

describe('vrrp/track/implied', () => {
  for (const [claim, change, expected] of [
    ['its own interface is not among them', {}, []],
    ['advertised and excluded addresses count', { virtualAddresses: [on('eth1')] }, ['eth1']],
    ['one of many is there once', { excludedAddresses: [on('eth2'), on('eth2')] }, ['eth2']],
    ['not with no_track', { excludedAddresses: [on('eth2', { track: false })] }, []],
    ['a macvlan made for it stands for its base', onAddressVmac(), ['eth3']],
    ['what is made for its own interface is its own', onOwnVmac(), []],
    ['a route counts', { virtualRoutes: [routeBy('eth4')] }, ['eth4']],
    ['not one with no_track', { virtualRoutes: [{ ...routeBy('eth4'), track: false }] }, []],
    ['nor one with several ways', { virtualRoutes: [routeBy('eth4', 'eth5')] }, []],
    [
      'dont_track_primary leaves the others',
      { dontTrackPrimary: true, virtualAddresses: [on('eth1')] },
      ['eth1'],
    ],
  ] as const satisfies readonly (readonly [string, Partial<InstanceConfig>, readonly string[]])[]) {
    it(claim, () => assert.deepEqual(followed(change), expected));
  }

  it('its failing is a fault that is handed over, as of any tracker', () => {
    const change = { virtualAddresses: [on('eth1')] };
    assert.deepEqual(faultOf(change, 'eth1')?.fault, { kind: 'tracked', reason: 'interface eth1 is down' });
    assert.equal(faultOf(change, 'eth2')?.fault, undefined);
  });

  it('a weight for it counts beside, and a fault is told once', () => {
    const track = (weight: number) => ({
      ...instance().track,
      interfaces: [{ name: 'eth1', weight, reverse: false }],
    });
    const change = { virtualAddresses: [on('eth1')] };
    assert.equal(faultOf({ ...change, track: track(10) }, 'none')?.priority, 110);
    assert.equal(faultOf({ ...change, track: track(10) }, 'eth1')?.fault?.kind, 'tracked');
    assert.equal(faultOf({ ...change, track: track(0) }, 'eth1')?.fault?.reason, 'interface eth1 is down');
  });
});

function onAddressVmac(): Partial<InstanceConfig> {
  const vmac = { interface: 'vrrp1.51', base: 'eth3', macAddress: '00:00:5e:00:01:33' };
  return { addressVmacs: [vmac], excludedAddresses: [on('vrrp1.51', { useVmac: true })] };
}

function onOwnVmac(): Partial<InstanceConfig> {
  const vmac = { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false };
  return { vmac, virtualRoutes: [routeBy('vrrp.51')] };
}
