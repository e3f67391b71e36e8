/** What is held back while addresses come to this director: what its services could send for connections it does not know. Pure. */
import type { Service } from '../ipvs/table.js';
import type { Hold, RealEndpoint, VirtualEndpoint } from '../nft/hold.js';

/** `addresses` are those that VRRP moves: services of firewall marks may be reached by any of them. */
export function heldOf(services: readonly Service[], addresses: readonly string[]): Hold {
  const marked = services.some(({ key }) => key.kind === 'fwmark');
  const virtual = services.flatMap(({ key }): VirtualEndpoint[] =>
    key.kind === 'address' && key.protocol === 'tcp' ? [{ address: key.address, port: key.port }] : [],
  );
  const everyPort = marked ? addresses.map((address) => ({ address, port: 0 })) : [];
  return { virtual: [...virtual, ...everyPort], real: services.flatMap(translated) };
}

function translated({ key, destinations }: Service): RealEndpoint[] {
  const protocol = key.kind === 'address' ? key.protocol : undefined;
  return destinations
    .filter(({ forwarding }) => forwarding.method === 'nat')
    .map(({ address, port }) => ({ address, port, protocol }));
}
