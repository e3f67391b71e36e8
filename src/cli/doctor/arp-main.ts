/** The process that ask-arp starts: tells the MAC address of each address of its command line. */
import { createRequire } from 'node:module';

export type Resolved = { readonly address: string; readonly mac?: string };

type Arp = { readonly getMAC: (address: string, done: (failed: boolean, mac: unknown) => void) => void };

const { getMAC } = createRequire(import.meta.url)('node-arp') as Arp;

for (const address of process.argv.slice(2)) {
  getMAC(address, (failed, mac) => {
    process.send?.({ address, ...(!failed && typeof mac === 'string' && { mac }) } satisfies Resolved);
  });
}
