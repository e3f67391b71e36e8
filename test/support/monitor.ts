/** What `ip monitor` tells of addresses, routes and rules of a host, as text that grows. */
import { eventually, type Host } from './namespaces.js';

/** Begins, and returns when it surely listens: something is changed on the loopback interface until it tells of that. */
export async function monitor(host: Host): Promise<() => string> {
  const child = host.start('ip monitor address route rule');
  let seen = '';
  child.stdout?.on('data', (data: Buffer) => {
    seen += data.toString();
  });
  await eventually('the monitor listens', () => {
    host.run('ip addr replace 10.99.0.1/32 dev lo valid_lft 1000 preferred_lft 1000');
    return seen.includes('10.99.0.1');
  });
  return () => seen;
}
