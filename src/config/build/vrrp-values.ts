/** What the parts of the VRRP build share. */
import type { VirtualServerConfig } from '../../pool/config.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { globalDefs } from '../schema/global.js';
import type { root } from '../schema/root.js';
import type { syncGroup } from '../schema/vrrp.js';
import type { Defaults } from './values.js';
import type { Numbered } from './vrrp-rules.js';

export type VrrpContext = {
  readonly defaults: Defaults;
  readonly globals: Values<typeof globalDefs>;
  /** All of the file, for what trackers name. */
  readonly values: Values<typeof root>;
  readonly virtualServers: readonly VirtualServerConfig[];
  readonly rulesOf: Numbered;
  /** What runs until now: it keeps the names that were chosen for it. */
  readonly running: readonly InstanceConfig[];
};

export type SyncGroupEntry = Entry<Section<string, typeof syncGroup>>;

/** The group an instance is in: the first that names it. */
export function syncGroupOf(name: string, { values }: VrrpContext): SyncGroupEntry | undefined {
  return (values.vrrp_sync_group ?? []).find(({ value }) =>
    (setting(value.values.group)?.lines ?? []).some((line) => line.value === name),
  );
}
