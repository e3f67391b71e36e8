/** What of a configuration runs, by the words of the command line. Pure. */
import type { Config } from '../config/config.js';
import type { ChildName, ToChild } from '../processes/messages.js';
import { withoutPools } from '../vrrp/track/members.js';

/** What runs: everything, only health checks and IPVS (-C), or only VRRP (-P). */
export type Scope = 'all' | 'check' | 'vrrp';

type Configured = Extract<ToChild, { kind: 'configure' | 'start' }>;

/** A dry run elects nobody. */
export function wantedChildren(
  { vrrp }: Pick<Config, 'vrrp'>,
  { scope, dryRun }: { readonly scope: Scope; readonly dryRun: boolean },
): readonly ChildName[] {
  return vrrp !== undefined && scope !== 'check' && !dryRun ? ['lvsd-lvs', 'lvsd-vrrp'] : ['lvsd-lvs'];
}

/** With -P lvsd-lvs still serves the admin interface, and nothing else; with -C there is no VRRP. */
export function narrowed<M extends Configured>(message: M, scope: Scope): M {
  switch (scope) {
    case 'all':
      return message;
    case 'check': {
      const { vrrp: _, ...config } = message.config;
      return { ...message, config };
    }
    case 'vrrp': {
      const { vrrp, ...config } = message.config;
      const alone = { ...config, virtualServers: [], checkers: [] };
      return { ...message, config: vrrp === undefined ? alone : { ...alone, vrrp: withoutPools(vrrp) } };
    }
  }
}
