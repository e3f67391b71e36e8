/** Many real servers on loopback: one program that is all of them, and configurations in the language both daemons read. */
import { fileURLToPath } from 'node:url';
import { start } from './processes.js';

export const PORT = 18_080;
/** The program, which takes the port. */
export const SERVER_MAIN = fileURLToPath(new URL('./server-main.js', import.meta.url));

export type CheckType = 'tcp' | 'http' | 'ping';

const CHECK: Readonly<Record<CheckType, string>> = {
  tcp: 'TCP_CHECK { connect_timeout 3 }',
  http: 'HTTP_GET { connect_timeout 3\n retry 0\n url { path /\n status_code 200 } }',
  ping: 'PING_CHECK { connect_timeout 3 }',
};

/** One virtual server with `count` real servers at 127.0.x.y, each checked every `delayLoop` seconds. */
export function configuration(type: CheckType, count: number, delayLoop: number): string {
  const servers = Array.from(
    { length: count },
    (_, i) => `  real_server ${addressOf(i)} ${PORT} {\n weight 1\n ${CHECK[type]}\n }`,
  );
  return [
    'global_defs {\n router_id bench\n}',
    `virtual_server 10.255.255.254 80 {\n delay_loop ${delayLoop}\n lb_algo rr\n lb_kind NAT\n protocol TCP`,
    ...servers,
    '}\n',
  ].join('\n');
}

/** Address of a server by its place in the configuration. */
export function addressOf(index: number): string {
  return `127.0.${1 + (index >> 8)}.${index & 255}`;
}

/** Answers at every address of `configuration`. */
export function startServer(): ReturnType<typeof start> {
  return start(process.execPath, [SERVER_MAIN, String(PORT)]);
}
