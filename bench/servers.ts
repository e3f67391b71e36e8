/** Configurations of many real servers on loopback, in the language both daemons read. */

export const PORT = 18_080;

export type CheckType = 'tcp' | 'http' | 'ping';

const CHECK: Readonly<Record<CheckType, string>> = {
  tcp: 'TCP_CHECK { connect_timeout 3 }',
  http: 'HTTP_GET { connect_timeout 3\n url { path /\n status_code 200 } }',
  ping: 'PING_CHECK { connect_timeout 3 }',
};

/** One virtual server with `count` real servers at 127.0.x.y, each checked every `delayLoop` seconds. */
export function configuration(type: CheckType, count: number, delayLoop: number): string {
  const servers = Array.from(
    { length: count },
    (_, i) => `  real_server 127.0.${1 + (i >> 8)}.${i & 255} ${PORT} {\n weight 1\n ${CHECK[type]}\n }`,
  );
  return [
    'global_defs {\n router_id bench\n}',
    `virtual_server 10.255.255.254 80 {\n delay_loop ${delayLoop}\n lb_algo rr\n lb_kind NAT\n protocol TCP`,
    ...servers,
    '}\n',
  ].join('\n');
}
