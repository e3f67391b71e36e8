/**
 * A director whose places are the real ones, on a machine in memory: links that the test sets up and down, a kernel's addresses,
 * sockets that send nowhere, one of a virtual router. In simulated time.
 */
import { LaterChanges } from '../../src/net/route/later.js';
import type { Interface } from '../../src/net/socket-options.js';
import { SystemError } from '../../src/net/system-error.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { createDirector, type Director } from '../../src/vrrp/director.js';
import type { Transport, TransportOptions } from '../../src/vrrp/packets/transport.js';
import { Announcer } from '../../src/vrrp/place/announce.js';
import { createCensus } from '../../src/vrrp/place/census.js';
import { Holders } from '../../src/vrrp/place/holders.js';
import { createPlace, type NetworkPlace, type Shared } from '../../src/vrrp/place/place.js';
import { PrefixRoutes } from '../../src/vrrp/place/prefix-routes.js';
import { View } from '../../src/vrrp/place/view.js';
import type { InterfaceDelayConfig } from '../../src/vrrp/track/config.js';
import { createInterfaces } from '../../src/vrrp/track/interfaces.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';
import { createFakeRoutes, type FakeRoutes } from './fake-routes.js';
import { instance, vrrpConfig } from './instances.js';

export type FakeHost = {
  readonly clock: FakeClock;
  readonly kernel: FakeRoutes;
  readonly director: Director;
  readonly configure: (...instances: readonly InstanceConfig[]) => void;
  /** Sets a link up or down, as the kernel would tell. */
  readonly setLink: (name: string, up: boolean) => void;
  /** Addresses came or went, as the kernel would tell. */
  readonly look: () => void;
  /** How often the kernel was asked what it has, but for this trace. */
  readonly dumps: () => number;
  /** State and fault of the first instance: `FAULT: interface eth0 is down`. */
  readonly state: () => string;
  /** Each change of it, with its time. */
  readonly trace: readonly string[];
  /** Adverts sent, each with its time, its virtual router and its priority: `3600 51 100`. */
  readonly adverts: string[];
  /** The interface of each frame that announced an address. */
  readonly frames: string[];
};

/** An instance that sends from an address of its own, so that none need be there. */
export function own(change: Parameters<typeof instance>[0] = {}): InstanceConfig {
  const transport = { kind: 'multicast', group: '224.0.0.18', sourceAddress: '10.0.0.1' } as const;
  return instance({ transport, ...change });
}

/** The addresses that are there, sorted. */
export function here({ kernel }: FakeHost): readonly string[] {
  return kernel
    .addresses()
    .map((line) => line.replace(/\/.*/, ''))
    .sort();
}

export function createFakeHost(delays: readonly InterfaceDelayConfig[] = []): FakeHost {
  const clock = createFakeClock();
  const down = new Set<string>();
  const places = new Set<NetworkPlace>();
  const trace: string[] = [];
  const routes = createFakeRoutes(['eth0', 'eth1'], (event) => {
    prefixRoutes.accept(event);
    for (const place of places) place.accept(event);
  });
  let dumps = 0;
  const dump: typeof routes.socket.dump = (...asked) => {
    dumps += 1;
    return routes.socket.dump(...asked);
  };
  const { census, socket } = createCensus({ ...routes.socket, dump });
  const kernel = { ...routes, socket };
  const interfaces = createInterfaces({
    clock,
    read: (name) => !down.has(name),
    onChange: (name) => {
      lookAt([...places].filter((place) => place.uses(name)));
      director.assess();
    },
  });
  const frames: string[] = [];
  const send = ({ name }: Interface) => void frames.push(name);
  const announcer = new Announcer({ send, close: () => {} }, clock, [], () => {});
  const adverts: string[] = [];
  const listening = new Set<string>();
  const open = ({ interface: on, virtualRouterId }: TransportOptions): Transport | SystemError => {
    const key = `virtual router ${virtualRouterId} on ${on?.name}`;
    if (listening.has(key)) return new SystemError('listen', key, 'EEXIST', 'another instance listens there');
    listening.add(key);
    return {
      destinations: ['224.0.0.18'],
      send: (payload) => void adverts.push(`${clock.now()} ${payload[1]} ${payload[2]}`),
      drain: () => {},
      close: () => void listening.delete(key),
    };
  };
  const view = new View(kernel.socket, () => [...places].map((place) => place.config()));
  const prefixRoutes = new PrefixRoutes(kernel.socket, (address) => view.moving().all.has(address));
  const shared: Shared = {
    kernel: { ...kernel, later: new LaterChanges(kernel.socket) },
    now: clock.now,
    transports: { open },
    announcer: () => announcer,
    isUp: interfaces.isUp,
    sourcesOn: (on) => view.sourcesOn(on),
    moving: () => view.moving(),
    holders: new Holders(),
    census,
    prefixRoutes,
    warn: () => {},
  };
  const director = createDirector({
    clock,
    log: { info: () => {}, warn: () => {} },
    underlay: {
      configure: () => {},
      attach: (config, upcalls, waits) => {
        const place = createPlace(shared, config, upcalls, waits);
        places.add(place);
        view.renew();
        const close = () => {
          places.delete(place);
          place.close();
        };
        return { ...place, close };
      },
      drops: () => ({}),
      interfaceUp: interfaces.isUp,
      close: () => {},
    },
    read: (kind, name) => (kind === 'interface' ? interfaces.isUp(name) : undefined),
    notify: () => {},
    onChange: () => {
      const before = dumps;
      trace.push(`${clock.now()} ${state()}`);
      dumps = before;
    },
    onStage: () => {},
    onLate: () => {},
    bootNow: clock.now,
  });
  interfaces.configure(delays);
  return {
    clock,
    kernel,
    director,
    configure: (...instances) => director.configure(vrrpConfig(instances)),
    setLink: (name, up) => {
      if (up) down.delete(name);
      else down.add(name);
      interfaces.look(name);
    },
    look: () => lookAt([...places]),
    dumps: () => dumps,
    state,
    trace,
    adverts,
    frames,
  };

  function lookAt(those: readonly NetworkPlace[]): void {
    view.renew();
    for (const place of those) place.look();
    for (const place of those) place.tell();
  }

  function state(): string {
    const [status] = director.instances();
    return status?.fault === undefined ? String(status?.state) : `${status.state}: ${status.fault}`;
  }
}
