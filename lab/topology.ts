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

/** Makes the switch. Run once, before the hosts. */
export const SWITCH_SCRIPT = [
  'set -e',
  'mkdir -p /run/hosts',
  'ip link add switch type bridge mcast_snooping 0',
  'ip link set switch up',
].join('\n');

/**
 * Makes a host: a cable to the switch, and a process that holds its network, mount and host name namespaces, a /run of
 * its own and the folder its commands start in. The file /run/hosts/NAME has the number of that process.
 */
export function hostScript(host: HostName, root: string): string {
  return [
    'set -e',
    `ip netns add ${host}`,
    `ip link add port-${host} type veth peer name eth0 netns ${host}`,
    `ip link set port-${host} master switch up`,
    `hold='${holderScript(host)}'`,
    `setsid nsenter --net=/run/netns/${host} unshare --mount --uts sh -e -c "$hold" sh '${root}' </dev/null >/dev/null 2>&1 &`,
    'while ! [ -e /proc/$!/root/run/holder ]; do [ -e /proc/$! ]; sleep 0.01; done',
    `echo $! >/run/hosts/${host}`,
    `${enter('$!').join(' ')} sh -e -c '`,
    ...insideScript(host),
    "'",
  ].join('\n');
}

/** The words that put a command into the host that a process holds. */
export function enter(holder: number | string): string[] {
  return ['nsenter', '--target', String(holder), '--net', '--mount', '--uts', '--wd'];
}

/** Ends everything in the hosts and takes them down. */
export const CLEAR_SCRIPT = [
  'for host in $(ls /run/hosts); do',
  '  kill -9 $(ip netns pids $host) 2>/dev/null',
  '  ip link del port-$host',
  '  ip netns del $host',
  '  rm /run/hosts/$host',
  'done',
  'true',
].join('\n');

function holderScript(host: HostName): string {
  const mounts = 'mount -t tmpfs tmpfs /run; mount -t sysfs sysfs /sys';
  return `hostname ${host}; ${mounts}; cd "$1"; touch /run/holder; while :; do sleep 86400; done`;
}

function insideScript(host: HostName): string[] {
  const { v4, v6 } = ADDRESS[host];
  return [
    'ip link set lo up',
    'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad',
    'ip link set eth0 up',
    `ip addr add ${v4}/24 dev eth0`,
    `ip addr add ${v6}/64 dev eth0 nodad`,
    ...roleScript(host),
  ];
}

function roleScript(host: HostName): string[] {
  switch (host) {
    case 'client':
      return [`ip route add local ${CLIENTS.v4} dev lo`, `ip -6 route add local ${CLIENTS.v6} dev lo`];
    case 'd1':
    case 'd2':
      return directorScript();
    case 'rs1':
    case 'rs2':
    case 'rs3':
    case 'sorry':
      return serverScript();
  }
}

/** send_redirects off: a director must not tell real servers that they and the client are neighbours. */
function directorScript(): string[] {
  return [
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
    'echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects',
    'echo 0 >/proc/sys/net/ipv4/conf/eth0/send_redirects',
    ...routes('client'),
  ];
}

function serverScript(): string[] {
  return [
    'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore',
    'echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce',
    'echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects',
    'echo 0 >/proc/sys/net/ipv4/conf/eth0/accept_redirects',
    'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_redirects',
    `ip route add local ${VIPS.v4} dev lo`,
    `ip -6 route add local ${VIPS.v6} dev lo`,
    ...routes('gateway'),
    `ip rule add from ${VIPS.v4} lookup 100`,
    `ip -6 rule add from ${VIPS.v6} lookup 100`,
    ...routes('client', 'table 100'),
  ];
}

/** Routes to the client and all it may pretend to be, straight or through the gateway. */
function routes(by: 'client' | 'gateway', table = ''): string[] {
  const { v4, v6 } = by === 'client' ? ADDRESS.client : GATEWAY;
  const through = (host: string) => (by === 'client' ? 'dev eth0' : `via ${host}`);
  return [
    `ip route add ${ADDRESS.client.v4}/32 ${through(v4)} ${table}`,
    `ip route add ${CLIENTS.v4} via ${v4} ${table}`,
    `ip -6 route add ${ADDRESS.client.v6}/128 ${through(v6)} ${table}`,
    `ip -6 route add ${CLIENTS.v6} via ${v6} ${table}`,
  ];
}
