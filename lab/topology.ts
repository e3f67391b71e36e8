/**
 * The lab's network: hosts on one switch, and what makes them client, director or real server.
 *
 *     client 10.0.0.1 ─┐            ┌─ rs1 10.0.0.11
 *     d1     10.0.0.2 ─┤            ├─ rs2 10.0.0.12
 *     d2     10.0.0.3 ─┴── switch ──┼─ rs3 10.0.0.13      VIPs 10.0.0.96/28, fd00::60/124
 *                                   └─ sorry 10.0.0.20    gateway of the real servers 10.0.0.254, fd00::254
 *
 * NAT and DR work at the same time: a real server answers from its own address through the gateway (NAT), and from a VIP,
 * which it holds without answering ARP for it, straight to the client (DR and TUN).
 */

/** Every host there can be. */
export const HOSTS = ['client', 'd1', 'd2', 'rs1', 'rs2', 'rs3', 'sorry'] as const;
export type HostName = (typeof HOSTS)[number];

/** Hosts that run a web server. */
export const SERVERS = ['rs1', 'rs2', 'rs3', 'sorry'] as const satisfies readonly HostName[];
export type ServerName = (typeof SERVERS)[number];

/** Addresses by host. */
export const ADDRESS: Readonly<Record<HostName, { readonly v4: string; readonly v6: string }>> = {
  client: { v4: '10.0.0.1', v6: 'fd00::1' },
  d1: { v4: '10.0.0.2', v6: 'fd00::2' },
  d2: { v4: '10.0.0.3', v6: 'fd00::3' },
  rs1: { v4: '10.0.0.11', v6: 'fd00::11' },
  rs2: { v4: '10.0.0.12', v6: 'fd00::12' },
  rs3: { v4: '10.0.0.13', v6: 'fd00::13' },
  sorry: { v4: '10.0.0.20', v6: 'fd00::20' },
};

/** The virtual address most tests use. The real servers take every address of VIPS as one. */
export const VIP = { v4: '10.0.0.100', v6: 'fd00::64' } as const;
export const VIPS = { v4: '10.0.0.96/28', v6: 'fd00::60/124' } as const;
/** Where real servers send what they answer from their own addresses: the director at work holds it. */
export const GATEWAY = { v4: '10.0.0.254', v6: 'fd00::254' } as const;
/** The client may ask from any address in here, to be many clients. */
export const CLIENTS = { v4: '10.9.0.0/16', v6: 'fd00:9::/64' } as const;

/** Makes the switch, the hosts' network namespaces and their cables: lines for `ip -batch`, one program for all. */
export function cableBatch(hosts: readonly HostName[]): string {
  const switchLines = ['link add switch type bridge mcast_snooping 0', 'link set switch up'];
  return [...switchLines, ...hosts.flatMap(hostCables)].join('\n');
}

function hostCables(host: HostName): string[] {
  return [
    `netns add ${host}`,
    `link add port-${host} type veth peer name eth0 netns ${host}`,
    `link set port-${host} master switch up`,
  ];
}

/** Takes the switch, the cables and the network namespaces away again. */
export function clearBatch(hosts: readonly HostName[]): string {
  return ['link del switch', ...hosts.flatMap((host) => [`link del port-${host}`, `netns del ${host}`])].join(
    '\n',
  );
}

/**
 * The process that holds a host's namespaces: started in the agent's folder, with a /run of its own.
 * When the host is set up it makes /run/holder and sleeps; it ends with what went wrong otherwise.
 */
export function holder(host: HostName): string[] {
  return [
    'nsenter',
    `--net=/run/netns/${host}`,
    'unshare',
    '--mount',
    '--uts',
    'sh',
    '-e',
    '-c',
    holderScript(host),
  ];
}

/** The words that put a command into the host that a process holds. */
export function enter(pid: number): string[] {
  return ['nsenter', '--target', String(pid), '--net', '--mount', '--uts', '--wd'];
}

function holderScript(host: HostName): string {
  return [
    `echo ${host} >/proc/sys/kernel/hostname`,
    'mount -t tmpfs tmpfs /run',
    'mount -t sysfs sysfs /sys',
    'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad',
    ...roleSettings(host).map(([name, value]) => `echo ${value} >/proc/sys/net/${name}`),
    ...['ip -batch - <<EOF', ...hostBatch(host), 'EOF'],
    ...['ip -6 -batch - <<EOF', ...ruleBatch(host), 'EOF'],
    ': >/run/holder',
    'while :; do sleep 86400; done',
  ].join('\n');
}

function roleSettings(host: HostName): (readonly [name: string, value: number])[] {
  switch (host) {
    case 'client':
      return [];
    case 'd1':
    case 'd2':
      return DIRECTOR_SETTINGS;
    case 'rs1':
    case 'rs2':
    case 'rs3':
    case 'sorry':
      return SERVER_SETTINGS;
  }
}

/** send_redirects off: a director must not tell real servers that they and the client are neighbours. */
const DIRECTOR_SETTINGS: (readonly [string, number])[] = [
  ['ipv4/ip_forward', 1],
  ['ipv6/conf/all/forwarding', 1],
  ['ipv4/conf/all/send_redirects', 0],
  ['ipv4/conf/eth0/send_redirects', 0],
];

const SERVER_SETTINGS: (readonly [string, number])[] = [
  ['ipv4/conf/all/arp_ignore', 1],
  ['ipv4/conf/all/arp_announce', 2],
  ['ipv4/conf/all/accept_redirects', 0],
  ['ipv4/conf/eth0/accept_redirects', 0],
  ['ipv6/conf/eth0/accept_redirects', 0],
];

function hostBatch(host: HostName): string[] {
  const { v4, v6 } = ADDRESS[host];
  const own = [
    'link set lo up',
    'link set eth0 up',
    `addr add ${v4}/24 dev eth0`,
    `addr add ${v6}/64 dev eth0 nodad`,
  ];
  if (host === 'client') return [...own, ...local(CLIENTS)];
  if (host === 'd1' || host === 'd2') return [...own, ...toClients(ADDRESS.client)];
  const fromVips = [`rule add from ${VIPS.v4} lookup 100`, ...toClients(ADDRESS.client, 'table 100')];
  return [...own, ...local(VIPS), ...toClients(GATEWAY), ...fromVips];
}

/** `ip -batch` takes a rule for IPv4 unless all its lines are for IPv6. */
function ruleBatch(host: HostName): string[] {
  return SERVERS.some((server) => server === host) ? [`rule add from ${VIPS.v6} lookup 100`] : [];
}

function local({ v4, v6 }: { readonly v4: string; readonly v6: string }): string[] {
  return [`route add local ${v4} dev lo`, `route add local ${v6} dev lo`];
}

/** Routes to the client, and to all it may pretend to be: straight there or through the gateway. */
function toClients(by: { readonly v4: string; readonly v6: string }, table = ''): string[] {
  const straight = by === ADDRESS.client;
  return [
    `route add ${ADDRESS.client.v4}/32 ${straight ? 'dev eth0' : `via ${by.v4}`} ${table}`,
    `route add ${ADDRESS.client.v6}/128 ${straight ? 'dev eth0' : `via ${by.v6}`} ${table}`,
    `route add ${CLIENTS.v4} via ${by.v4} ${table}`,
    `route add ${CLIENTS.v6} via ${by.v6} ${table}`,
  ];
}
