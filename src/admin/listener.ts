/** Serves some routes over TCP as well, where the configuration says: read-only, and open to whoever can connect. */
import type { Clock } from '../clock.js';
import type { Complaints } from '../complaint.js';
import { keepListening } from './keep-listening.js';
import { boundedServer, type Routes } from './server.js';

export type ListenAt = { readonly address: string; readonly port: number };

export type ListenerOptions = Complaints & { readonly routes: Routes; readonly clock: Clock };

export type Listener = {
  /** Serves there from now on, and nowhere else; undefined: not at all. */
  readonly configure: (at: ListenAt | undefined) => void;
  readonly close: () => void;
};

export function createListener({ routes, clock, ...complaints }: ListenerOptions): Listener {
  let present: { readonly at: ListenAt; readonly close: () => void } | undefined;
  return {
    configure: (at) => {
      if (present !== undefined && present.at.address === at?.address && present.at.port === at.port) return;
      present?.close();
      present = at && { at, close: listen(at) };
    },
    close: () => present?.close(),
  };

  function listen({ address, port }: ListenAt): () => void {
    const { server, close } = boundedServer(routes);
    const forget = keepListening({
      ...complaints,
      server,
      clock,
      place: `metrics_listen ${address} ${port}`,
      open: () => server.listen(port, address),
    });
    return () => {
      forget();
      close();
    };
  }
}
