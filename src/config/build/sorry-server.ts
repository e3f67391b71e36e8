/** sorry_server and the keywords that belong to it → SorryServerConfig. */
import type { RealServerConfig, SorryServerConfig } from '../../pool/config.js';
import { setting } from '../keyword.js';
import { destinationPort, type Service } from './real-server.js';
import { type Defaults, errorAt, warnAt } from './values.js';

export function buildSorryServer(
  service: Service,
  servers: readonly RealServerConfig[],
  defaults: Defaults,
): SorryServerConfig | undefined {
  const { sorry_server, sorry_server_inhibit, sorry_server_lvs_method } = service.values;
  const entry = sorry_server?.[0];
  for (const option of [sorry_server_inhibit?.[0], sorry_server_lvs_method?.[0]]) {
    if (option !== undefined && (entry === undefined || option.order < entry.order)) {
      errorAt(defaults, option, `${option.statement.keyword}: expected after sorry_server`);
    }
  }
  if (entry === undefined) return undefined;
  const { family, address } = entry.value;
  const forwarding = setting(sorry_server_lvs_method) ?? service.forwarding;
  const port = destinationPort(entry, { port: entry.value.port, forwarding }, service, defaults);
  const inhibit = setting(sorry_server_inhibit) ?? false;
  const twin = servers.find((server) => server.address === address && server.port === port);
  if (twin !== undefined && twin.inhibitOnFailure !== inhibit) {
    warnAt(
      defaults,
      entry,
      `sorry_server: it is a real server too, whose inhibit_on_failure ${twin.inhibitOnFailure ? 'on' : 'off'} counts`,
    );
  }
  return { family, address, port, forwarding, inhibit: twin?.inhibitOnFailure ?? inhibit };
}
