/** What is held back while addresses come to this director: what its services could send for connections it does not know. Pure. */
import { parseConnection } from '../ipvs/sync/connection.js';
import type { Service } from '../ipvs/table.js';
import { formatAddress } from '../net/address.js';
import type { ClosedConnection, Hold, RealEndpoint, VirtualEndpoint } from '../nft/hold.js';

/** `addresses` are those that VRRP moves: services of firewall marks may be reached by any of them. */
export function heldOf(services: readonly Service[], addresses: readonly string[]): Hold {
  const marked = services.some(({ key }) => key.kind === 'fwmark');
  const virtual = services.flatMap(({ key }): VirtualEndpoint[] =>
    key.kind === 'address' && key.protocol === 'tcp' ? [{ address: key.address, port: key.port }] : [],
  );
  const everyPort = marked ? addresses.map((address) => ({ address, port: 0 })) : [];
  return { virtual: [...virtual, ...everyPort], real: services.flatMap(translated) };
}

/** Whether no answer goes through the director. */
export function answersDirectly(services: readonly Service[]): boolean {
  return services.every((service) => translated(service).length === 0);
}

function translated({ key, destinations }: Service): RealEndpoint[] {
  const protocol = key.kind === 'address' ? key.protocol : undefined;
  return destinations
    .filter(({ forwarding }) => forwarding.method === 'nat')
    .map(({ address, port }) => ({ address, port, protocol }));
}

/**
 * States after which the kernel chooses a real server anew when the client uses the port again (is_new_conn_expected of
 * net/netfilter/ipvs/ip_vs_core.c), and for which it keeps the entry for up to two minutes. By direct routing FIN_WAIT is the last one,
 * and the server stays the same unless the setting has bit 2.
 */
const CHOSEN_ANEW = / (?:TIME_WAIT|CLOSE) +\d+ *$/;
const CHOSEN_ANEW_DIRECT = / (?:FIN_WAIT|TIME_WAIT|CLOSE) +\d+ *$/;

/**
 * Of lines of the kernel's list of connections (ip_vs_conn_seq_show) those that are over, by TCP, and whose port may have another real
 * server by now. `finWait`: so it is with FIN_WAIT.
 */
export function closedOf(
  lines: readonly string[],
  { finWait }: { readonly finWait: boolean },
): ClosedConnection[] {
  const over = finWait ? CHOSEN_ANEW_DIRECT : CHOSEN_ANEW;
  return lines.flatMap((line) => {
    const connection = line.startsWith('TCP') && over.test(line) ? parseConnection(line) : undefined;
    if (connection === undefined) return [];
    const { clientAddress, clientPort, virtualAddress, virtualPort } = connection;
    return [
      {
        client: { address: formatAddress(clientAddress), port: clientPort },
        virtual: { address: formatAddress(virtualAddress), port: virtualPort },
      },
    ];
  });
}
