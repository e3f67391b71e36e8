/** sorry_server, and the keywords that belong to it → SorryServerConfig. */
import type { CheckerConfig } from '../../checkers/config.js';
import { formatEndpoint } from '../../net/address.js';
import type { RealServerConfig, SorryServerConfig } from '../../pool/config.js';
import { setting } from '../keyword.js';
import { buildCheckers, destinationPort, type Service, type VirtualServerValues } from './real-server.js';
import { type Defaults, errorAt, warnAt } from './values.js';

export type BuiltSorryServer = {
  readonly server: SorryServerConfig;
  readonly checkers: readonly CheckerConfig[];
};

type SorryServerEntry = NonNullable<VirtualServerValues['sorry_server']>[number];

/** In the order of the file. */
export function buildSorryServers(
  service: Service,
  servers: readonly RealServerConfig[],
  defaults: Defaults,
): readonly BuiltSorryServer[] {
  checkOrder(service.values, defaults);
  const built = new Map<string, BuiltSorryServer>();
  for (const entry of countingEntries(service.values, defaults)) {
    const place = placeOf(entry, service, defaults);
    const id = `sorry ${formatEndpoint(place.address, place.port)}`;
    if (built.has(id)) {
      warnAt(defaults, entry, `${id}: given twice: the first counts`);
      continue;
    }
    const checkers = buildCheckers(entry.value, id, service, defaults);
    const server: SorryServerConfig = {
      id,
      ...place,
      weight: setting(entry.value.values.weight) ?? 1,
      inhibit: inhibitOf(entry, place, { service, servers, defaults }),
      checkers: checkers.map(({ id: checker, alpha }) => ({ id: checker, alpha })),
    };
    built.set(id, { server, checkers });
  }
  return [...built.values()];
}

function checkOrder(values: VirtualServerValues, defaults: Defaults): void {
  const first = values.sorry_server?.[0];
  for (const option of [values.sorry_server_inhibit?.[0], values.sorry_server_lvs_method?.[0]]) {
    if (option !== undefined && (first === undefined || option.order < first.order)) {
      errorAt(defaults, option, `${option.statement.keyword}: expected after sorry_server`);
    }
  }
}

/** keepalived has one sorry server, the last; several are lvsd's, and only where something of lvsd's says so. */
function countingEntries(values: VirtualServerValues, defaults: Defaults): readonly SorryServerEntry[] {
  const { sorry_server: all = [], overflow } = values;
  const last = all.at(-1);
  if (last === undefined || overflow !== undefined || all.some(({ value }) => value.hasBlock)) return all;
  for (const entry of all.slice(1)) {
    warnAt(
      defaults,
      entry,
      'sorry_server is given twice: this one counts; for several, give them blocks: sorry_server ADDRESS PORT { }',
    );
  }
  return [last];
}

type Place = Pick<SorryServerConfig, 'family' | 'address' | 'port' | 'forwarding'>;

function placeOf(entry: SorryServerEntry, service: Service, defaults: Defaults): Place {
  const { head, values } = entry.value;
  const { family, address } = head;
  const forwarding =
    setting(values.lvs_method) ?? setting(service.values.sorry_server_lvs_method) ?? service.forwarding;
  const port = destinationPort(entry, { port: head.port, forwarding }, service, defaults);
  return { family, address, port, forwarding };
}

type Around = {
  readonly service: Service;
  readonly servers: readonly RealServerConfig[];
  readonly defaults: Defaults;
};

/** Of a server that is a real server too, that one's inhibit_on_failure. */
function inhibitOf(
  entry: SorryServerEntry,
  { address, port }: Place,
  { service, servers, defaults }: Around,
): boolean {
  const inhibit = setting(service.values.sorry_server_inhibit) ?? false;
  const twin = servers.find((server) => server.address === address && server.port === port);
  if (twin !== undefined && twin.inhibitOnFailure !== inhibit) {
    const which = twin.inhibitOnFailure ? 'on' : 'off';
    warnAt(
      defaults,
      entry,
      `sorry_server: it is a real server too, whose inhibit_on_failure ${which} counts`,
    );
  }
  return twin?.inhibitOnFailure ?? inhibit;
}
