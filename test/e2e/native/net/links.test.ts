/** Interfaces through rtnetlink: what is there, what changes, what is lost in a burst and found again. */
import assert from 'node:assert/strict';
import { deleteLink, makeMacvlan, setLinkUp } from '../../../../src/net/route/macvlan.js';
import { openRoutes } from '../../../support/kernel-routes.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

describe('interfaces in a real kernel', () => {
  it('are listed with name, MAC, MTU, state and kind', () =>
    withNetwork(['a'], ({ host }) => {
      const routes = openRoutes(host('a'));
      const eth0 = routes.links.byName('eth0');
      const [shown] = routes.ip('link show dev eth0');
      assert.deepEqual(
        [eth0?.index, eth0?.mac, eth0?.mtu, eth0?.up, eth0?.kind],
        [shown?.ifindex, shown?.address, shown?.mtu, true, 'veth'],
      );
      assert.deepEqual(
        [routes.links.byName('lo')?.loopback, routes.links.byName('lo')?.mac],
        [true, undefined],
      );
      routes.close();
    }));

  it('cable out, cable in, down, up, deleted, made anew: each is told once', () =>
    withNetwork(['a'], async ({ host }) => {
      const a = host('a');
      const routes = openRoutes(a);
      const told = () =>
        routes.linkChanges.map(({ after }) => (after === undefined ? 'gone' : stateOf(after)));
      await eventually('a carrier', () => routes.links.byName('eth0')?.running === true);
      routes.linkChanges.length = 0;
      a.unplug();
      await eventually('no carrier', () => told().at(-1) === 'up');
      a.plug();
      await eventually('a carrier', () => told().at(-1) === 'running');
      a.run('ip link set eth0 down');
      await eventually('down', () => told().at(-1) === 'down');
      a.run('ip link del eth0');
      await eventually('gone', () => told().at(-1) === 'gone');
      assert.equal(routes.links.byName('eth0'), undefined);
      a.run('ip link add eth0 type veth peer name other');
      await eventually('new', () => routes.links.byName('eth0') !== undefined);
      assert.deepEqual(told().slice(0, 4), ['up', 'running', 'down', 'gone']);
      routes.close();
    }));

  it('a burst beyond the receive buffer is an overrun, after which the table is right again', () =>
    withNetwork(['a'], async ({ host }) => {
      const a = host('a');
      const routes = openRoutes(a, { receiveBufferBytes: 2048 });
      // The loop is blocked while these run: their events do not fit.
      for (let i = 0; i < 20; i += 1) a.run(`ip link set eth0 mtu ${1400 + i}`);
      a.run('ip link add late0 type veth peer name late1');
      await eventually('the overrun', () => routes.events.some(({ kind }) => kind === 'overrun'));
      await eventually('the new interface', () => routes.links.byName('late0') !== undefined);
      assert.equal(routes.links.byName('eth0')?.mtu, 1419);
      a.run('ip link del late0');
      await eventually('events to go on', () => routes.links.byName('late0') === undefined);
      routes.close();
    }));

  it('macvlan: private, up, with the MAC asked for, no address of its own making, ARP for its own addresses alone', () =>
    withNetwork(['a', 'b'], async ({ host }) => {
      const [a, b] = [host('a'), host('b')];
      const routes = openRoutes(a);
      const base = routes.on('eth0');
      const spec = { name: 'vrrp.51', base, mac: '00:00:5e:00:01:33' };
      assert.deepEqual(a.enter(() => makeMacvlan(routes.socket, spec)).map(String), []);
      assert.match(String(a.enter(() => makeMacvlan(routes.socket, spec))), /EEXIST/);
      await eventually('its event', () => routes.links.byName('vrrp.51')?.running === true);
      const [shown] = routes.ip('link show dev vrrp.51');
      assert.equal(shown?.address, '00:00:5e:00:01:33');
      assert.match(JSON.stringify(shown), /"info_kind":"macvlan","info_data":\{"mode":"private"/);
      const [addresses] = routes.ip('-6 addr show dev vrrp.51') as { addr_info?: unknown[] }[];
      assert.deepEqual(addresses?.addr_info ?? [], []);
      a.run('ip addr add 10.77.0.100/32 dev vrrp.51');
      const whoHas = (address: string) => b.run(`arping -c 1 -w 2 -I eth0 ${address}`);
      assert.match(whoHas('10.77.0.100'), /00:00:5e:00:01:33/i);
      assert.match(whoHas(a.ipv4), new RegExp(routes.links.byName('eth0')?.mac ?? '?', 'i'));
      b.run('ping -c 1 -W 1 10.77.0.100');
      assert.deepEqual(routes.socket.change([setLinkUp(routes.on('vrrp.51'), false)]).map(String), [
        'undefined',
      ]);
      await eventually('down', () => routes.links.byName('vrrp.51')?.up === false);
      assert.deepEqual(routes.socket.change([deleteLink(routes.on('vrrp.51'))]).map(String), ['undefined']);
      await eventually('gone', () => routes.links.byName('vrrp.51') === undefined);
      routes.close();
    }));
});

function stateOf({ up, running }: { readonly up: boolean; readonly running: boolean }): string {
  return running ? 'running' : up ? 'up' : 'down';
}
