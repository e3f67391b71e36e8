/** Adverts as a host sees them pass, its own and those of others, by the kernel's time stamps: whoever is late to look sees the same. */
import { eventually, type Host } from './namespaces.js';

export type SeenAdvert = { readonly atMs: number; readonly priority: number };

/** From now on: all there were at each call. */
export async function sniffAdverts(host: Host): Promise<() => readonly SeenAdvert[]> {
  const sniffer = host.start('tcpdump -l -tt -n --immediate-mode -i eth0 proto 112 or ip6 proto 112');
  let [out, errors] = ['', ''];
  sniffer.stdout?.on('data', (data: Buffer) => {
    out += data.toString();
  });
  sniffer.stderr?.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  await eventually('tcpdump to listen', () => errors.includes('listening'));
  return () =>
    [...out.matchAll(/^(\d+\.\d+) .*VRRP.* prio (\d+),/gm)].map(([, at, priority]) => ({
      atMs: Number(at) * 1000,
      priority: Number(priority),
    }));
}

/** From the last advert of one priority to the first of another. */
export function silenceMs(adverts: readonly SeenAdvert[], from: number, to: number): number {
  const first = adverts.findIndex(({ priority }) => priority === to);
  const last = adverts.slice(0, first).findLast(({ priority }) => priority === from);
  return (adverts[first]?.atMs ?? Number.NaN) - (last?.atMs ?? Number.NaN);
}
