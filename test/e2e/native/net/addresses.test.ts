/** Addresses through rtnetlink, with `ip` as the oracle. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressSpec, FOREVER, IFA_F } from '../../../../src/net/route/address.js';
import { dropAddress, holdAddress, listAddresses } from '../../../../src/net/route/addresses.js';
import { openRoutes, type Routes, value } from '../../../support/kernel-routes.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

const VIP: AddressSpec = { family: 'ipv4', address: '10.77.0.100', prefixLength: 24, scope: 0, flags: 0 };
const VIP6: AddressSpec = {
  family: 'ipv6',
  address: 'fd77::100',
  prefixLength: 128,
  scope: 0,
  flags: IFA_F.NODAD,
};

function onHost(body: (routes: Routes) => Promise<void> | void): Promise<void> {
  return withNetwork(['a'], async ({ host }) => {
    const routes = openRoutes(host('a'));
    try {
      await body(routes);
    } finally {
      routes.close();
    }
  });
}

/** What `ip` says of one address. */
function shown({ ip }: Routes, address: string): Readonly<Record<string, unknown>> | undefined {
  const [link] = ip('addr show dev eth0') as { addr_info?: { local: string }[] }[];
  return link?.addr_info?.find(({ local }) => local === address);
}

function done(outcomes: readonly unknown[]): void {
  assert.deepEqual(
    outcomes.map(String),
    outcomes.map(() => 'undefined'),
  );
}

describe('addresses in a real kernel', () => {
  it('are added with label, scope, broadcast, peer and flags, and read back as they were asked for', () =>
    onHost((routes) => {
      const on = routes.on('eth0');
      const full: AddressSpec = {
        ...VIP,
        address: '10.66.0.100',
        scope: 253,
        label: 'eth0:vip',
        broadcast: '10.66.0.255',
        flags: IFA_F.NOPREFIXROUTE,
      };
      const far: AddressSpec = {
        ...VIP,
        address: '10.9.0.1',
        peer: { address: '10.9.0.2', prefixLength: 32 },
      };
      done(routes.socket.change([full, far, VIP6].map((spec) => holdAddress(spec, on, FOREVER))));
      const { label, scope, broadcast, noprefixroute, prefixlen } = shown(routes, full.address) ?? {};
      assert.deepEqual(
        { label, scope, broadcast, noprefixroute, prefixlen },
        { label: 'eth0:vip', scope: 'link', broadcast: '10.66.0.255', noprefixroute: true, prefixlen: 24 },
      );
      assert.equal(shown(routes, '10.9.0.1')?.address, '10.9.0.2');
      assert.equal(shown(routes, VIP6.address)?.nodad, true);
      const listed = value(listAddresses(routes.socket, on));
      const found = listed.find(({ address }) => address === full.address);
      assert.deepEqual(
        { ...found, flags: (found?.flags ?? 0) & IFA_F.NOPREFIXROUTE },
        { ...full, interfaceIndex: on.index, lifetime: FOREVER },
      );
      assert.equal(listed.find(({ address }) => address === '10.9.0.1')?.peer?.address, '10.9.0.2');
    }));

  it('are removed, and their absence is an error in the words of the kernel', () =>
    onHost((routes) => {
      const on = routes.on('eth0');
      routes.socket.change([holdAddress(VIP, on, FOREVER), holdAddress(VIP6, on, FOREVER)]);
      done(routes.socket.change([dropAddress(VIP, on), dropAddress(VIP6, on)]));
      assert.equal(shown(routes, VIP.address), undefined);
      assert.equal(shown(routes, VIP6.address), undefined);
      const [gone] = routes.socket.change([dropAddress(VIP, on)]);
      assert.match(String(gone), /^delete address "10\.77\.0\.100\/24 on eth0": EADDRNOTAVAIL: .*not found/i);
    }));

  it('one change that fails leaves the others alone, each with its own outcome', () =>
    onHost((routes) => {
      const on = routes.on('eth0');
      const specs = [{ ...VIP, prefixLength: 33 }, VIP, { ...VIP6, prefixLength: 129 }, VIP6];
      const outcomes = routes.socket.change(specs.map((spec) => holdAddress(spec, on, FOREVER)));
      assert.deepEqual(
        outcomes.map((outcome) => outcome?.code),
        ['EINVAL', undefined, 'EINVAL', undefined],
      );
      const nowhere = { name: 'eth9', index: routes.links.indexOf('eth9') };
      const [unknown] = routes.socket.change([holdAddress(VIP, nowhere, FOREVER)]);
      assert.equal(unknown?.code, 'ENODEV');
    }));

  it('more changes than fit one send: all are made', () =>
    onHost((routes) => {
      const on = routes.on('eth0');
      const specs = Array.from({ length: 200 }, (_, i) => ({
        ...VIP,
        address: `10.78.0.${i + 1}`,
        prefixLength: 32,
      }));
      done(routes.socket.change(specs.map((spec) => holdAddress(spec, on, FOREVER))));
      const listed = value(listAddresses(routes.socket, on));
      assert.equal(listed.filter(({ address }) => address.startsWith('10.78.')).length, 200);
      done(routes.socket.change(specs.map((spec) => dropAddress(spec, on))));
    }));

  for (const spec of [VIP, VIP6]) {
    it(`${spec.family}: the kernel removes an address whose lifetime is not renewed, and keeps one that is`, () =>
      onHost(async (routes) => {
        const on = routes.on('eth0');
        const lifetime = { valid: 3, preferred: 3 };
        const hold = () => done(routes.socket.change([holdAddress(spec, on, lifetime)]));
        const there = () =>
          value(listAddresses(routes.socket, on)).some(({ address }) => address === spec.address);
        hold();
        const { valid_life_time: left } = shown(routes, spec.address) ?? {};
        assert.ok(left === 2 || left === 3, `it is to live for ${left} s`);
        for (let i = 0; i < 20; i += 1) {
          await sleep(250);
          hold();
        }
        assert.ok(there(), 'renewed for five seconds');
        await eventually('the kernel to remove it', () => !there());
        await eventually('the event', () => routes.events.some((event) => isRemoval(event, spec.address)));
      }));
  }

  it('renewals do not echo in the events, removals by others do', () =>
    onHost(async (routes) => {
      const on = routes.on('eth0');
      routes.socket.change([holdAddress(VIP, on, { valid: 9, preferred: 9 })]);
      routes.socket.change([holdAddress(VIP, on, { valid: 9, preferred: 9 })]);
      routes.ip(`addr del ${VIP.address}/24 dev eth0`);
      await eventually('the removal', () => routes.events.some((event) => isRemoval(event, VIP.address)));
      routes.ip(`addr add ${VIP.address}/24 dev eth0`);
      await eventually('the addition', () => routes.events.some((event) => isAddition(event, VIP.address)));
      assert.equal(routes.events.filter((event) => isAddition(event, VIP.address)).length, 1);
    }));

  it('are renewed on the thread pool as well', () =>
    onHost(async (routes) => {
      const on = routes.on('eth0');
      const outcomes = await new Promise<readonly unknown[]>((resolve) =>
        routes.socket.changeLater([holdAddress(VIP, on, FOREVER), dropAddress(VIP6, on)], resolve),
      );
      assert.match(outcomes.join(), /^,delete address .*EADDRNOTAVAIL/);
      assert.ok(shown(routes, VIP.address));
    }));
});

function isRemoval(event: Routes['events'][number], address: string): boolean {
  return event.kind === 'address' && event.change === 'del' && event.address.address === address;
}

function isAddition(event: Routes['events'][number], address: string): boolean {
  return event.kind === 'address' && event.change === 'new' && event.address.address === address;
}
