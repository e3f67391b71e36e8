/** A host's routing tables from within the test: request socket, interfaces and events of its namespace, and `ip` as the oracle. */
import assert from 'node:assert/strict';
import { type EventSource, type RouteEvent, type Subject, watchRoutes } from '../../src/net/route/events.js';
import { type LinkChange, type LinkTable, openLinkTable } from '../../src/net/route/links.js';
import { openRouteSocket, type RouteSocket } from '../../src/net/route/socket.js';
import type { Interface } from '../../src/net/socket-options.js';
import { SystemError } from '../../src/net/system-error.js';
import type { Host } from './namespaces.js';

export type Routes = {
  readonly socket: RouteSocket;
  readonly links: LinkTable;
  /** Events since the start, but for those the link table took. */
  readonly events: RouteEvent[];
  readonly linkChanges: LinkChange[];
  /** Told every event, after the link table. */
  readonly listeners: ((event: RouteEvent) => void)[];
  readonly on: (name: string) => Interface;
  /** Answer of `ip -j …`. */
  readonly ip: (command: string) => readonly Readonly<Record<string, unknown>>[];
  readonly close: () => void;
};

export function openRoutes(
  host: Pick<Host, 'enter' | 'run'>,
  options: { readonly subjects?: readonly Subject[]; readonly receiveBufferBytes?: number } = {},
): Routes {
  const events: RouteEvent[] = [];
  const linkChanges: LinkChange[] = [];
  const listeners: ((event: RouteEvent) => void)[] = [];
  const { subjects = ['link', 'address', 'route', 'rule'], ...rest } = options;
  return host.enter(() => {
    const socket = value(openRouteSocket());
    let links: LinkTable | undefined;
    const source: EventSource = value(
      watchRoutes({ subjects, ownPorts: [socket.port], ...rest }, (event) => {
        if (event.kind !== 'link') events.push(event);
        links?.accept(event);
        for (const listener of listeners) listener(event);
      }),
    );
    const table = value(openLinkTable(socket, (change) => linkChanges.push(change)));
    links = table;
    return {
      socket,
      links: table,
      events,
      linkChanges,
      listeners,
      on: (name) => ({ name, index: table.indexOf(name) }),
      ip: (command) => JSON.parse(host.run(`ip -d -j ${command}`) || '[]'),
      close: () => {
        source.close();
        socket.close();
      },
    };
  });
}

/** The value of what must not have failed. */
export function value<T>(result: T | SystemError): T {
  assert.ok(!(result instanceof SystemError), String(result));
  return result;
}
