/** The process `lvsd-vrrp`: obeys the supervisor, and outlives it if it must. */
import { systemClock } from '../clock.js';
import { createLog, type Log } from '../log.js';
import { openStandardError } from '../net/standard-error.js';
import { SystemError } from '../net/system-error.js';
import type { ToChild, VrrpReply, VrrpRequest } from './messages.js';
import { createScriptRunner } from './script-runner.js';
import { tell } from './tell.js';
import { createVrrp, type Vrrp } from './vrrp.js';

process.title = 'lvsd-vrrp';

type Start = Extract<ToChild, { kind: 'start' }>;

let log: Log | undefined;
let vrrp: Vrrp | undefined;
const runner = createScriptRunner(tell);
/** Requests that were read and not begun. */
const requests = new Set<number>();

process.on('message', (message: ToChild) => obey(message));
process.on('disconnect', () => {
  log?.error('the supervisor is gone: going on alone until the next lvsd run takes over');
  runner.orphaned();
});
// How to stop is the supervisor's to say while there is one.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!process.connected) void end(false);
  });
}
// The next lvsd run has no place for it.
process.on('SIGUSR2', () => {
  if (!process.connected) void end(true);
});
tell({ kind: 'loaded' });

function obey(message: ToChild): void {
  switch (message.kind) {
    case 'start':
      void start(message);
      return;
    case 'configure':
      if (message.config.vrrp !== undefined) void vrrp?.configure(message.config.vrrp);
      return;
    case 'pools':
      vrrp?.setPools(message.up);
      return;
    case 'checks':
      vrrp?.setChecks(message.run);
      return;
    case 'hail':
      tell({ kind: 'here' });
      return;
    case 'request':
      void answer(message);
      return;
    case 'withdraw':
      requests.delete(message.id);
      return;
    case 'stop':
      void end(true);
      return;
    case 'leave':
      void end(false);
      return;
    case 'ran':
      runner.ran(message.id, message.result);
      return;
    case 'reloadFailed':
    case 'reloaded':
    case 'reply':
    case 'masters':
    case 'stage':
    case 'starts':
      return;
  }
}

async function start({ settings, config, news }: Start): Promise<void> {
  log = createLog({
    name: 'lvsd-vrrp',
    level: settings.logLevel,
    format: settings.logFormat,
    outlet: openStandardError(),
  });
  const made = createVrrp({
    settings,
    clock: systemClock,
    log,
    bootNow: () => Number(process.hrtime.bigint()) / 1e6,
    onMasters: (names) => tell({ kind: 'masters', names }),
    onStage: (instance, stage) => tell({ kind: 'stage', instance, stage }),
    runScript: runner.run,
    sendMail: (mail) => void tell({ kind: 'mail', mail }),
  });
  if (made instanceof SystemError) {
    tell({ kind: 'fatal', text: `run: ${made}: VRRP needs root, or CAP_NET_ADMIN and CAP_NET_RAW` });
    return;
  }
  vrrp = made;
  // Or the first adverts would tell of another fitness than the last ones.
  for (const each of news) obey(each);
  if (config.vrrp !== undefined) await vrrp.configure(config.vrrp);
  tell({ kind: 'ready' });
}

async function answer({ id, request }: Extract<ToChild, { kind: 'request' }>): Promise<void> {
  requests.add(id);
  // What came while this process stood still is read together, a withdrawal too.
  await new Promise(setImmediate);
  if (!requests.delete(id)) return;
  const reply = (await vrrp?.answer(request)) ?? replyBeforeStart(request);
  tell({ kind: 'reply', id, reply });
}

/** One that has not begun will begin with what was told last. */
function replyBeforeStart({ what }: VrrpRequest): VrrpReply {
  if (what === 'obeyed') return { kind: 'obeyed' };
  return { kind: 'refused', text: 'lvsd-vrrp has not begun yet' };
}

async function end(remove: boolean): Promise<void> {
  await vrrp?.end({ remove });
  process.exit(0);
}
