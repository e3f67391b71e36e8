/** Serves some routes over TCP as well, where the configuration says: read-only, and open to whoever can connect. */
import { boundedServer, type Routes } from './server.js';

export type ListenAt = { readonly address: string; readonly port: number };

export type ListenerOptions = { readonly routes: Routes; readonly onError: (text: string) => void };

export type Listener = {
  /** Serves there from now on, and nowhere else; undefined: not at all. */
  readonly configure: (at: ListenAt | undefined) => void;
  readonly close: () => void;
};

export function createListener({ routes, onError }: ListenerOptions): Listener {
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
    server.on('error', (error) =>
      onError(`metrics_listen: cannot serve ${address} ${port}: ${error.message}`),
    );
    server.listen(port, address);
    return close;
  }
}
