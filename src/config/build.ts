/** The statements of a configuration → Config: defaults, inheritance, and what must hold between statements. */

import type { CheckerConfig } from '../checkers/config.js';
import { serviceId } from '../ipvs/table.js';
import type { VirtualServerConfig } from '../pool/config.js';
import { buildDefaults, buildGlobal, type Machine, mergeGlobals } from './build/global.js';
import { countKeys, type Group, groupsByName, LARGEST_GROUP } from './build/group.js';
import { buildMail } from './build/mail.js';
import type { VirtualServerEntry } from './build/service.js';
import { assignMarks, DEFAULT_START_MARK } from './build/sessions.js';
import { type Defaults, errorAt, optional, warnAt } from './build/values.js';
import { type BuiltVirtualServer, buildVirtualServer } from './build/virtual-server.js';
import { buildVrrp } from './build/vrrp.js';
import { numberRules } from './build/vrrp-rules.js';
import type { Config } from './config.js';
import { setting, type Values } from './keyword.js';
import type { Report } from './report.js';
import type { root } from './schema/root.js';

export type { Machine };

/** Builds what can be built; whether it may be used is for the report's errors to say. */
export function buildConfig(
  values: Values<typeof root>,
  machine: Machine,
  report: Report,
  running?: Config,
): Config {
  const globals = mergeGlobals((values.global_defs ?? []).map(({ value }) => value));
  const { hostName, userName } = machine;
  const mail = buildMail(globals, { hostName, userName, report });
  const defaults = buildDefaults(globals, setting(values.SSL)?.values ?? {}, { machine, report, mail });
  const built = buildVirtualServers(values, defaults);
  const startMark = setting(globals.nftables_ipvs_start_fwmark) ?? DEFAULT_START_MARK;
  const checkers: CheckerConfig[] = [];
  for (const one of built) for (const checker of one.checkers) checkers.push(checker);
  const virtualServers = assignMarks(built, startMark, defaults);
  return {
    global: buildGlobal(globals, { hostName, mail, defaults }),
    virtualServers,
    checkers,
    ...optional(
      'vrrp',
      buildVrrp(values, {
        defaults,
        globals,
        values,
        virtualServers,
        rulesOf: numberRules(values, defaults),
        running: running?.vrrp?.instances ?? [],
      }),
    ),
  };
}

type Built = BuiltVirtualServer & { readonly entry: VirtualServerEntry };

function buildVirtualServers(values: Values<typeof root>, defaults: Defaults): readonly Built[] {
  const groups = groupsByName(values.virtual_server_group ?? [], defaults);
  const taken = new Set<string>();
  const owners = new Map<string, VirtualServerEntry>();
  const built: Built[] = [];
  let services = 0;
  for (const entry of values.virtual_server ?? []) {
    const group = groupOf(entry, groups, defaults);
    if (group === 'none') continue;
    services += group === undefined ? 1 : countKeys(group);
    if (services > LARGEST_GROUP) {
      errorAt(
        defaults,
        entry,
        `virtual_server: ${services} services so far: expected at most ${LARGEST_GROUP}`,
      );
      break;
    }
    const one = buildVirtualServer(entry, { group, taken, defaults });
    if (one !== undefined && claimServices(one.virtualServer, entry, { owners, defaults }))
      built.push({ ...one, entry });
  }
  return built;
}

function groupOf(
  entry: VirtualServerEntry,
  groups: ReadonlyMap<string, Group>,
  defaults: Defaults,
): Group | undefined | 'none' {
  const { head } = entry.value;
  if (head.kind !== 'group') return undefined;
  const group = groups.get(head.group);
  if (group !== undefined) return group.lines.length === 0 ? 'none' : group;
  errorAt(
    defaults,
    entry,
    `virtual_server group "${head.group}": there is no virtual_server_group of that name with anything in it`,
  );
  return 'none';
}

type Claims = { readonly owners: Map<string, VirtualServerEntry>; readonly defaults: Defaults };

/** One kernel service belongs to one virtual server. */
function claimServices(
  { services }: VirtualServerConfig,
  entry: VirtualServerEntry,
  { owners, defaults }: Claims,
): boolean {
  for (const key of services) {
    const id = serviceId(key);
    const owner = owners.get(id);
    if (owner === undefined) owners.set(id, entry);
    else {
      const own = owner === entry ? 'twice in its group' : 'in another virtual_server already';
      if (owner === entry) warnAt(defaults, entry, `virtual_server: the service ${id} is ${own}`);
      else errorAt(defaults, entry, `virtual_server: the service ${id} is ${own}`);
      if (owner !== entry) return false;
    }
  }
  return true;
}
