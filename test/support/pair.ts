/** Two directors of the test network as processes `lvsd-vrrp`, master and backup, and a client beside them. */
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { type Network, withNetwork } from './namespaces.js';
import { PATIENCE_MS } from './patience.js';
import { VrrpProcess } from './vrrp-process.js';

export type Pair = { readonly network: Network; readonly a: VrrpProcess; readonly b: VrrpProcess };

/**
 * Director `a` of priority 150 is master, `b` of 100 is backup; `configure` makes the configuration of each from its instance's, given
 * which of the two it is for.
 */
export async function withPair(
  configure: (change: Partial<InstanceConfig>, number: 1 | 2) => VrrpConfig,
  body: (pair: Pair) => Promise<void>,
): Promise<void> {
  await withNetwork(['a', 'b', 'client'], async (network) => {
    const a = new VrrpProcess(network.host('a'));
    const b = new VrrpProcess(network.host('b'));
    try {
      await start(a, configure({ priority: 150 }, 1), 'MASTER');
      await start(b, configure({}, 2), 'BACKUP');
      await body({ network, a, b });
    } finally {
      await Promise.all([a.dispose(), b.dispose()]);
    }
  });
}

async function start(director: VrrpProcess, config: VrrpConfig, state: 'MASTER' | 'BACKUP'): Promise<void> {
  await director.start(config);
  for (const { name, advertIntMs, downTimerAdverts } of config.instances) {
    await director.until(state, PATIENCE_MS + (downTimerAdverts + 1) * advertIntMs, name);
  }
}
