/** IPVS as /proc/net/ip_vs shows it: an oracle for tests that owes nothing to lvsd's own netlink code. */

/** A virtual server of the table. `address` is as the kernel writes it: 10.0.0.100:80, [fd00::64]:80, or a mark's number. */
export type TableService = {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'FWM';
  readonly address: string;
  readonly scheduler: string;
  readonly flags: string;
  readonly servers: readonly TableServer[];
};

export type TableServer = {
  readonly address: string;
  readonly method: string;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
};

/** The table in a text of /proc/net/ip_vs (Linux net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show). */
export function parseTable(text: string): TableService[] {
  const services: (TableService & { servers: TableServer[] })[] = [];
  for (const line of text.split('\n').slice(3)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '->') services.at(-1)?.servers.push(parseServer(words));
    else if (words.length > 1) services.push({ ...parseService(words), servers: [] });
  }
  return services;
}

function parseService([protocol = '', where = '', scheduler = '', ...flags]: readonly string[]): Omit<
  TableService,
  'servers'
> {
  const address = protocol === 'FWM' ? String(Number.parseInt(where, 16)) : endpoint(where);
  return { protocol: protocol as TableService['protocol'], address, scheduler, flags: flags.join(' ') };
}

function parseServer([, where = '', method = '', weight, active, inactive]: readonly string[]): TableServer {
  const counts = { weight: Number(weight), active: Number(active), inactive: Number(inactive) };
  return { address: endpoint(where), method, ...counts };
}

/** 0A000064:0050 is 10.0.0.100:80; [fd00:0000:…:0064]:0050 keeps an address in the words of RFC 5952. */
function endpoint(text: string): string {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at);
  const port = Number.parseInt(text.slice(at + 1), 16);
  if (host.startsWith('[')) return `${new URL(`http://${host}/`).hostname}:${port}`;
  return `${host
    .match(/../g)
    ?.map((byte) => Number.parseInt(byte, 16))
    .join('.')}:${port}`;
}
