/** The network of this machine for its virtual routers: one set of sockets, kept in step with the kernel by its events. */
import type { Clock } from '../../clock.js';
import { openFrameSender } from '../../net/frames.js';
import { type RouteEvent, watchRoutes } from '../../net/route/events.js';
import { LaterChanges } from '../../net/route/later.js';
import type { Link } from '../../net/route/link.js';
import { type LinkChange, openLinkTable } from '../../net/route/links.js';
import { openRouteSocket } from '../../net/route/socket.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig, VrrpConfig } from '../config.js';
import { readGrainMs } from '../election/timers.js';
import type { VrrpLog } from '../log.js';
import { createDrops } from '../packets/counters.js';
import { type Stray, Transports } from '../packets/transport.js';
import { createQuiet } from '../quiet.js';
import { boundDelay } from '../track/down-delay.js';
import { createInterfaces } from '../track/interfaces.js';
import type { Underlay, Upcalls } from '../underlay.js';
import { Announcer } from './announce.js';
import type { Borrowed } from './borrowed.js';
import { createCensus } from './census.js';
import { Holders } from './holders.js';
import { type Placed, takeOut, together, unwanted } from './leftovers.js';
import { createPlace, type NetworkPlace, type Shared } from './place.js';
import { PrefixRoutes } from './prefix-routes.js';
import { neededSettings } from './settings.js';
import { createStatics } from './statics.js';
import { View } from './view.js';

export type NetworkOptions = {
  readonly clock: Clock;
  readonly log: VrrpLog;
  /** An interface went up or down, as it is believed. */
  readonly onInterface: () => void;
  readonly borrowed: Borrowed;
};

export type Network = Underlay & {
  /** What is in the kernel because of this process: for its successor. */
  readonly placed: () => Placed;
  /** Takes out of the kernel what a predecessor has left there, but for what a configuration has too. Before that is configured. */
  readonly takeOut: (left: Placed, next: VrrpConfig | undefined) => void;
};

/** The same error of the same thing is told once in so long. */
const QUIET_MS = 10_000;

const NONE: ReadonlyMap<string, string> = new Map();

/** Opens the process's sockets, or says why it cannot (EPERM without CAP_NET_ADMIN and CAP_NET_RAW). */
export function openNetwork({ clock, log, onInterface, borrowed }: NetworkOptions): Network | SystemError {
  const opened = openRouteSocket();
  if (opened instanceof SystemError) return opened;
  const { census, socket } = createCensus(opened);
  const laterSocket = openRouteSocket();
  if (laterSocket instanceof SystemError) return laterSocket;
  const frames = openFrameSender();
  if (frames instanceof SystemError) return frames;
  const events = watchRoutes(
    { subjects: ['link', 'address', 'route', 'rule'], ownPorts: [socket.port, laterSocket.port] },
    accept,
  );
  if (events instanceof SystemError) return events;
  const links = openLinkTable(socket, (change) => {
    if (change.before?.name !== change.after?.name) settle();
    linkChanged(change);
  });
  if (links instanceof SystemError) return links;

  const places = new Set<NetworkPlace>();
  const isNews = createQuiet(clock, QUIET_MS);
  const drops = createDrops(clock, (fields, text) => log.warn(fields, text));
  const kernel = { socket, later: new LaterChanges(laterSocket), links };
  let announcer = new Announcer(frames, clock, [], warn);
  let config: VrrpConfig | undefined;
  const statics = createStatics(kernel, {
    onLost: (what) =>
      log.warn({ what }, `static ${what.join(', ')} was taken away by another hand, put back`),
    warn,
  });
  /** Interfaces whose addresses changed in this turn of the event loop, and the addresses that did. */
  const changed = { interfaces: new Set<string>(), addresses: new Set<string>() };
  const view = new View(socket, () => [
    ...(config?.instances ?? []),
    ...[...places].map((each) => each.config()),
  ]);
  const interfaces = createInterfaces({
    clock,
    read: (name) => links.byName(name)?.running === true,
    onChange: (name) => {
      log.info({ interface: name }, `interface ${name} is ${interfaces.isUp(name) ? 'up' : 'down'}`);
      lookAt(uses(name));
      onInterface();
    },
  });
  const transports = new Transports(stray, warn);
  const prefixRoutes = new PrefixRoutes(socket, (address) => view.moving().all.has(address));
  const shared: Shared = {
    kernel,
    now: clock.now,
    transports,
    announcer: () => announcer,
    isUp: interfaces.isUp,
    sourcesOn: (on) => view.sourcesOn(on),
    moving: () => view.moving(),
    holders: new Holders(),
    census,
    prefixRoutes,
    warn,
  };

  return { configure, attach, drops: drops.counts, interfaceUp, placed, takeOut: clear, close };

  function configure(next: VrrpConfig): void {
    const gaps = config?.garpGroups;
    config = next;
    transports.restMs = readGrainMs(next.instances);
    interfaces.configure(next.interfaceDelays.map((delay) => boundDelay(delay, next.instances)));
    if (JSON.stringify(gaps) !== JSON.stringify(next.garpGroups)) announceBy(next.garpGroups);
    statics.configure(next);
    settle();
    view.renew();
    prefixRoutes.forget();
  }

  /** What the one before has still to send is not sent. */
  function announceBy(gaps: VrrpConfig['garpGroups']): void {
    announcer.close();
    announcer = new Announcer(frames as Exclude<typeof frames, SystemError>, clock, gaps, warn);
  }

  /** Those of interfaces that are not there yet follow with them. */
  function settle(): void {
    if (config === undefined) return;
    for (const refused of borrowed.want(neededSettings(config))) warn(refused);
  }

  function attach(instance: InstanceConfig, upcalls: Upcalls, waits: boolean): NetworkPlace {
    const place = createPlace(shared, instance, upcalls, waits);
    places.add(place);
    const shut = place.close;
    return {
      ...place,
      close: () => {
        places.delete(place);
        shut();
      },
    };
  }

  function placed(): Placed {
    return together([statics.placed(), ...[...places].map((place) => place.placed())]);
  }

  function clear(left: Placed, next: VrrpConfig | undefined): void {
    for (const refused of takeOut(kernel, unwanted(left, next))) warn(refused);
  }

  function interfaceUp(name: string): boolean | undefined {
    return interfaces.isUp(name);
  }

  function accept(event: RouteEvent): void {
    if (links instanceof SystemError) return;
    links.accept(event);
    prefixRoutes.accept(event);
    statics.accept(event);
    for (const place of places) place.accept(event);
    if (event.kind === 'overrun') for (const { name } of links.all()) later(name);
    if (event.kind === 'address') {
      later(links.byIndex(event.address.interfaceIndex)?.name, event.address.address);
    }
  }

  function linkChanged({ before, after }: LinkChange): void {
    for (const name of new Set([before?.name, after?.name])) {
      if (name === undefined) continue;
      interfaces.look(name);
      if (before?.name === after?.name) {
        if (before?.up !== after?.up) lookAt(uses(name));
        continue;
      }
      if (isUsed(name)) log.info({ interface: name }, `interface ${name} ${whatBecame(name, after)}`);
      lookAt(uses(name));
    }
  }

  function isUsed(name: string): boolean {
    return [...places].some((place) => place.uses(name));
  }

  /** A burst of address events is one look. */
  function later(name: string | undefined, address?: string): void {
    if (name === undefined) return;
    if (changed.interfaces.size === 0) setImmediate(lookAtChanged);
    changed.interfaces.add(name);
    if (address !== undefined) changed.addresses.add(address);
  }

  function lookAtChanged(): void {
    const [names, addresses] = [[...changed.interfaces], [...changed.addresses]];
    changed.interfaces.clear();
    changed.addresses.clear();
    lookAt((place) => names.some(place.uses) || addresses.some(place.needs));
  }

  /** All look before any tells: what one tells is judged with what the others have seen. */
  function lookAt(isMeant: (place: NetworkPlace) => boolean): void {
    view.renew();
    const meant = [...places].filter(isMeant);
    for (const place of meant) place.look();
    for (const place of meant) place.tell();
  }

  function stray({ reason, interface: name, virtualRouterId, source = 'somebody' }: Stray): void {
    if (reason === 'vrid_err' && config?.process.logUnknownVrids !== true) {
      drops.count(reason);
      return;
    }
    const what = virtualRouterId === undefined ? 'no VRRP packet' : `VRID ${virtualRouterId} is not here`;
    drops.add(reason, `${what}, on ${name}`, source);
  }

  function warn(error: SystemError): void {
    const text = error.toString();
    if (!isNews(text)) return;
    log.warn({ code: error.code, operation: error.operation }, text);
  }

  function close({ remove }: { readonly remove: boolean }): void {
    if (remove) statics.release();
    if (remove) borrowed.want(NONE);
    interfaces.stop();
    announcer.close();
    if (!(events instanceof SystemError)) events.close();
  }
}

function uses(name: string): (place: NetworkPlace) => boolean {
  return (place) => place.uses(name);
}

/** Of a name that an interface has got, or has no longer. */
function whatBecame(name: string, after: Link | undefined): string {
  if (after?.name === name) return 'is there now';
  return after === undefined ? 'was deleted' : `is called ${after.name} now`;
}
