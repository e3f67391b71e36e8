/** What passes an interface of a test host, as tcpdump shows it. */
import { eventually, type Host } from './namespaces.js';

export type Frame = {
  /** Milliseconds of the wall clock, when it passed. */
  readonly at: number;
  /** Its MAC address. */
  readonly source: string;
  /** The line of tcpdump behind the MAC addresses. */
  readonly text: string;
};

export type Sniffer = {
  readonly frames: readonly Frame[];
  /** Those whose line has this text. */
  readonly having: (text: string) => readonly Frame[];
  readonly stop: () => void;
};

/** Listens from when it resolves. `filter` is in the words of pcap-filter(7). */
export async function sniff(host: Pick<Host, 'start'>, filter: string, on = 'eth0'): Promise<Sniffer> {
  const child = host.start(`tcpdump -l -n -e -tt --immediate-mode -i ${on} ${filter}`);
  const frames: Frame[] = [];
  let rest = '';
  let said = '';
  child.stdout?.on('data', (data: Buffer) => {
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, seconds = '', source = '', text = ''] = /^([\d.]+) (\S+) (> .*)$/.exec(line) ?? [];
      if (source !== '') frames.push({ at: Number(seconds) * 1000, source, text });
    }
  });
  child.stderr?.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await eventually('tcpdump to listen', () => said.includes('listening'));
  return {
    frames,
    having: (text) => frames.filter((frame) => frame.text.includes(text)),
    stop: () => void child.kill('SIGTERM'),
  };
}
