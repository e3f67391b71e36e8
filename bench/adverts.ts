/** The adverts of a pair of directors as a host beside them sees them: how regular, and whether the backup ever sent one. */
import { once } from 'node:events';
import { eventually, type Host } from '../test/support/namespaces.js';

export type Adverts = {
  /** Of the master. */
  readonly count: number;
  readonly longestGapMs: number;
  /** Of the backup: each is a takeover or a part of one. */
  readonly foreign: number;
};

export type Listener = {
  /** What was heard since the last time. */
  readonly read: () => Adverts;
  readonly stop: () => Promise<void>;
};

/** Hears from now on, by the kernel's own time stamps: a listener that is held up itself proves nothing. */
export async function listen(client: Host, master: Host, backup: Host): Promise<Listener> {
  const sniffer = client.start(
    `chrt --rr 60 tcpdump -l -tt -n -i eth0 ip proto 112 and (src host ${master.ipv4} or src host ${backup.ipv4})`,
  );
  let partial = '';
  let lastAt = Number.NaN;
  let heard: Adverts = NOTHING;
  const take = (line: string): void => {
    const [, seconds, source] = /^(\d+\.\d+) IP (\S+) /.exec(line) ?? [];
    if (source === backup.ipv4) heard = { ...heard, foreign: heard.foreign + 1 };
    if (source !== master.ipv4) return;
    const at = Number(seconds) * 1000;
    const gapMs = Number.isNaN(lastAt) ? 0 : at - lastAt;
    lastAt = at;
    heard = { ...heard, count: heard.count + 1, longestGapMs: Math.max(heard.longestGapMs, gapMs) };
  };
  sniffer.stdout?.on('data', (data: Buffer) => {
    const lines = `${partial}${data}`.split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  sniffer.stderr?.resume();
  await eventually('an advert', () => heard.count > 0, 10_000);
  return {
    read: () => {
      const result = heard;
      heard = NOTHING;
      return result;
    },
    stop: async () => {
      sniffer.kill('SIGINT');
      await once(sniffer, 'close');
    },
  };
}

const NOTHING: Adverts = { count: 0, longestGapMs: 0, foreign: 0 };
