/**
 * Loaded before lvsd's processes: lvsd-lvs of a whole daemon finds an IPVS that is a file beside the test, so that what one leaves the
 * next one finds, on a kernel without IPVS too. Synchronisation daemons are kept, services are not.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { OpenTransport } from '../../src/ipvs/transport.js';
import { createFakeKernel } from './fake-kernel.js';
import { nested } from './fake-kernel-bytes.js';

/**
 * A wrapper for a `Daemon`, whose kernel is kept in files that begin with `path`.
 * @param slowMs what it takes over each datagram
 */
export function keptIpvs(path: string, slowMs = 0): readonly string[] {
  return [
    'env',
    `NODE_OPTIONS=--import=${import.meta.url}`,
    `LVSD_TEST_IPVS=${path}`,
    `LVSD_TEST_SLOW_MS=${slowMs}`,
  ];
}

/** What that kernel was told of synchronisation daemons and of destinations, in order: `start master`, `add`. */
export function toldOf(path: string): readonly string[] {
  return existsSync(`${path}.told`) ? readFileSync(`${path}.told`, 'utf8').split('\n').filter(Boolean) : [];
}

/** Numbers of ip_vs.h: IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP. */
const ROLES = ['', 'master', 'backup'];
const COMMANDS: Readonly<Record<string, string>> = {
  NEW_DAEMON: 'start',
  DEL_DAEMON: 'stop',
  NEW_DEST: 'add',
};

/** Takes the place of the function of that name in src/ipvs/transport.ts. */
export const openNetlink: OpenTransport = (events) => {
  const path = process.env.LVSD_TEST_IPVS ?? '';
  const kernel = createFakeKernel();
  let told = '';
  for (const [state, attrs] of load(path)) kernel.table.daemons.set(state, attrs);
  kernel.refuse = (command, { attrs }) => {
    const role = ROLES[nested(attrs, 3)?.get(1)?.readUInt32LE() ?? 0];
    if (command in COMMANDS) told += `${COMMANDS[command]} ${role}`.trim().concat('\n');
    return undefined;
  };
  const socket = kernel.open(events);
  const slowMs = Number(process.env.LVSD_TEST_SLOW_MS);
  return {
    ...socket,
    send: (datagram) => {
      if (slowMs > 0) setTimeout(send, slowMs, datagram);
      else send(datagram);
    },
  };

  function send(datagram: Parameters<typeof socket.send>[0]): void {
    socket.send(datagram);
    save(path, kernel.table.daemons);
    // A test that has seen it kills this process at once.
    if (told !== '') appendFileSync(`${path}.told`, told);
    told = '';
  }
};

type Daemons = Map<number, Map<number, Buffer>>;

function load(path: string): Daemons {
  if (!existsSync(path)) return new Map();
  const kept = JSON.parse(readFileSync(path, 'utf8')) as [number, [number, string][]][];
  return new Map(
    kept.map(([state, attrs]) => [
      state,
      new Map(attrs.map(([type, hex]) => [type, Buffer.from(hex, 'hex')])),
    ]),
  );
}

function save(path: string, daemons: Daemons): void {
  const kept = [...daemons].map(([state, attrs]) => [
    state,
    [...attrs].map(([type, data]) => [type, data.toString('hex')]),
  ]);
  // Killed in the middle, it leaves the one before and never half of one.
  writeFileSync(`${path}.new`, JSON.stringify(kept));
  renameSync(`${path}.new`, path);
}

const lvs = fileURLToPath(new URL('../../src/processes/lvs-main.js', import.meta.url));
if (process.argv[1] === lvs && process.env.LVSD_TEST_IPVS !== undefined) {
  const hooks = `export const resolve = (name, context, next) =>
    name === './transport.js' && context.parentURL.endsWith('/src/ipvs/client.js')
      ? { url: ${JSON.stringify(import.meta.url)}, shortCircuit: true }
      : next(name, context);`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
