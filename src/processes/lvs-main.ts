/** The process `lvsd-lvs`: obeys the supervisor, and outlives it if it must. */
import { systemClock } from '../clock.js';
import { IpvsError } from '../ipvs/errors.js';
import { createLog, type Log } from '../log.js';
import { NftError } from '../nft/errors.js';
import { runScript } from '../script/run.js';
import { createAsker } from './ask.js';
import { dryKernel, kernelWhenNeeded } from './kernel.js';
import { createLvs, type Lvs } from './lvs.js';
import type { ToChild } from './messages.js';
import { tell } from './tell.js';

process.title = 'lvsd-lvs';

type Start = Extract<ToChild, { kind: 'start' }>;

let log: Log | undefined;
let lvs: Lvs | undefined;
/** Messages are obeyed one after another. */
let work = Promise.resolve();
const asker = createAsker(systemClock, tell);

process.on('message', (message: ToChild) => {
  // An answer is waited for by work that may be under way.
  if (message.kind === 'reply') {
    asker.heard(message.id, message.reply);
    return;
  }
  // Clients' packets wait for nothing.
  if (message.kind === 'stage') {
    lvs?.follow(message.instance, message.stage);
    return;
  }
  work = work.then(() => obey(message)).catch(fail);
});
process.on('disconnect', () =>
  log?.error('the supervisor is gone: going on alone until the next lvsd run takes over'),
);
// A terminal sends ^C to every process of the group; how to stop is the supervisor's to say while there is one.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => abandon());
tell({ kind: 'loaded' });

async function obey(message: ToChild): Promise<void> {
  switch (message.kind) {
    case 'start':
      return start(message);
    case 'configure':
      return reload(message);
    case 'reloadFailed':
      return lvs?.noteReload({ at: message.at, errors: message.errors });
    case 'reloaded':
      return lvs?.answerReload(message.id, message.warnings);
    case 'stop':
      return end(true);
    case 'leave':
      return end(false);
    case 'masters':
      return lvs?.setMasters(message.names);
    case 'starts':
      return lvs?.noteStarts(message.counts);
    case 'reply':
    case 'stage':
    case 'pools':
    case 'checks':
    case 'request':
    case 'ran':
      return;
  }
}

async function start({ settings, config, version }: Start): Promise<void> {
  log = createLog({ name: 'lvsd-lvs', level: settings.logLevel, format: settings.logFormat });
  const options = { clock: systemClock, log };
  const kernel = settings.dryRun ? dryKernel(options) : kernelWhenNeeded(options);
  const supervised = () => process.connected;
  lvs = createLvs({
    ...options,
    settings,
    kernel,
    version,
    supervised,
    askVrrp: asker.ask,
    tell,
    onPools: (up) => tell({ kind: 'pools', up }),
    runScript,
    sendMail: (mail) => void tell({ kind: 'mail', mail }),
  });
  await lvs.configure(config);
  tell({ kind: 'ready' });
}

async function reload({ config, at }: Extract<ToChild, { kind: 'configure' }>): Promise<void> {
  try {
    await lvs?.configure(config);
    lvs?.noteReload({ at, errors: [] });
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    log?.error(`reload: ${error.message}: the running configuration goes on`);
    lvs?.noteReload({ at, errors: [error.message] });
  }
}

function abandon(): void {
  if (!process.connected) work = work.then(() => end(false)).catch(fail);
}

async function end(remove: boolean): Promise<void> {
  await lvs?.end({ remove });
  process.exit(0);
}

function fail(error: unknown): void {
  const text = error instanceof IpvsError ? hopeless(error) : withoutNftables(error);
  if (text === undefined) throw error;
  tell({ kind: 'fatal', text });
}

/** What to tell of an error that trying again won't mend. */
function hopeless({ reason, code }: IpvsError): string | undefined {
  if (reason === 'no-ipvs') return withoutIpvs();
  return code === 'EPERM' ? withoutRights() : undefined;
}

function withoutNftables(error: unknown): string | undefined {
  return error instanceof NftError ? `run: overflow sessions needs nftables: ${error.message}` : undefined;
}

function withoutIpvs(): string {
  return (
    'run: this kernel has no IPVS: load it with "modprobe ip_vs". ' +
    'To check servers without it: lvsd run --dry-run. To see lvsd on a kernel that has it: npm start'
  );
}

function withoutRights(): string {
  return 'run: the kernel refuses: lvsd needs to be root or to have CAP_NET_ADMIN. To check servers without: lvsd run --dry-run';
}
