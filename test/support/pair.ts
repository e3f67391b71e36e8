/** Two directors of the test network as processes `lvsd-vrrp`, master and backup, and a client beside them. */
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { type Network, withNetwork } from './namespaces.js';
import { VrrpProcess } from './vrrp-process.js';

export type Pair = { readonly network: Network; readonly a: VrrpProcess; readonly b: VrrpProcess };

/** Director `a` of priority 150 is master, `b` of 100 is backup; `configure` makes the configuration of each from its instance's. */
export async function withPair(
  configure: (change: Partial<InstanceConfig>) => VrrpConfig,
  body: (pair: Pair) => Promise<void>,
): Promise<void> {
  await withNetwork(['a', 'b', 'client'], async (network) => {
    const a = new VrrpProcess(network.host('a'));
    const b = new VrrpProcess(network.host('b'));
    try {
      await a.start(configure({ priority: 150 }));
      await a.until('MASTER');
      await b.start(configure({}));
      await b.until('BACKUP');
      await body({ network, a, b });
    } finally {
      await Promise.all([a.dispose(), b.dispose()]);
    }
  });
}
