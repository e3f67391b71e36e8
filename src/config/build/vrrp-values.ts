/** What the parts of the VRRP build share. */
import type { VirtualServerConfig } from '../../pool/config.js';
import type { Values } from '../keyword.js';
import type { globalDefs } from '../schema/global.js';
import type { root } from '../schema/root.js';
import type { Defaults } from './values.js';

export type VrrpContext = {
  readonly defaults: Defaults;
  readonly globals: Values<typeof globalDefs>;
  /** All of the file, for what trackers name. */
  readonly values: Values<typeof root>;
  readonly virtualServers: readonly VirtualServerConfig[];
};
