/** A supervisor whose children are no processes: a test says what becomes of them, and sees what they are told. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.js';
import type { Log } from '../../src/log.js';
import type { ChildName, ToChild } from '../../src/processes/messages.js';
import type { ChildOptions } from '../../src/supervisor/child.js';
import { Children, type ChildrenOptions } from '../../src/supervisor/children.js';
import { loadClean } from './config.js';
import { createFakeClock, type FakeClock } from './fake-clock.js';

const VRRP = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress { 192.0.2.100 }
}`;
const CHECKS = `virtual_server 192.0.2.100 80 {
  protocol TCP
  lb_algo wlc
  lb_kind NAT
  real_server 10.0.0.1 80 { }
}`;
export const ONLY_VRRP = loadClean(VRRP);
export const ONLY_CHECKS = loadClean(CHECKS);
export const BOTH = loadClean(`${VRRP}\n${CHECKS}`);

export type KeptChildren = {
  readonly children: Children;
  readonly clock: FakeClock;
  readonly warnings: readonly string[];
  /** What each was told, its end too. */
  readonly told: (name: ChildName) => readonly ToChild[];
  readonly of: (name: ChildName) => ChildOptions;
};

export function keepChildren(options: Partial<ChildrenOptions> = {}, config: Config = BOTH): KeptChildren {
  const kept = new Map<ChildName, ChildOptions>();
  const told: Record<ChildName, ToChild[]> = { 'lvsd-lvs': [], 'lvsd-vrrp': [] };
  const warnings: string[] = [];
  const clock = createFakeClock();
  const children = new Children(
    {
      settings: { stateDir: '/nowhere', dryRun: false, logLevel: 'info', logFormat: 'text' },
      scope: 'all',
      clock,
      log: {
        info: () => {},
        warn: (...words: unknown[]) => warnings.push(`${words.at(-1)}`),
      } as unknown as Log,
      orphan: () => undefined,
      onPid: () => {},
      hasLeft: () => false,
      onFatal: assert.fail,
      onReload: () => {},
      onAllReady: () => {},
      keep: (each) => {
        kept.set(each.name, each);
        return {
          send: (message) => void told[each.name].push(message),
          end: async (message) => void told[each.name].push(message),
        };
      },
      ...options,
    },
    config,
  );
  return {
    children,
    clock,
    warnings,
    told: (name) => told[name],
    of: (name) => kept.get(name) ?? assert.fail(),
  };
}
