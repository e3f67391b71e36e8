/** Pings servers by the program ping: by hand an operator would do the same. */
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { askEach } from './ask.js';
import type { Answers } from './servers.js';

type Ping = {
  readonly promise: {
    readonly probe: (
      address: string,
      options: { readonly timeout: number; readonly deadline: number; readonly v6: boolean },
    ) => Promise<{ readonly alive: boolean }>;
  };
};

const { promise } = createRequire(import.meta.url)('ping') as Ping;

/** A second each, so that 256 dead ones are known in four. */
const PATIENCE = { most: 256, atOnce: 64, withinMs: 5000 } as const;

/** There must be a program ping. */
export function askByPing(addresses: readonly string[]): Promise<Answers<string>> {
  // The program would take what is no address for one of its options.
  return askEach(addresses.filter(isIP), PATIENCE, async (address) => {
    try {
      // ping is one program for both families; ping6 is not everywhere.
      const { alive } = await promise.probe(address, { timeout: 1, deadline: 1, v6: false });
      return alive ? undefined : '';
    } catch (error) {
      return (error as Error).message;
    }
  });
}
