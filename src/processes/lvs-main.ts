/** The process `lvsd-lvs`: obeys the supervisor, and outlives it if it must. */
import { systemClock } from '../clock.js';
import { IpvsError } from '../ipvs/errors.js';
import { createLog, type Log } from '../log.js';
import { openStandardError } from '../net/standard-error.js';
import { NftError } from '../nft/errors.js';
import { runScript } from '../script/run.js';
import { createAsker } from './ask.js';
import { dryKernel, kernelWhenNeeded } from './kernel.js';
import { createLvs, type Lvs } from './lvs.js';
import { createLvsOrders } from './lvs-orders.js';
import type { ToChild } from './messages.js';
import { tell } from './tell.js';

process.title = 'lvsd-lvs';

type Start = Extract<ToChild, { kind: 'start' }>;

let log: Log | undefined;
const asker = createAsker(systemClock, tell);
const orders = createLvsOrders({
  begin,
  heardReply: asker.heard,
  tell,
  refused,
  onError: fail,
  exit: () => process.exit(0),
});

process.on('message', orders.heard);
process.on('disconnect', () =>
  log?.error('the supervisor is gone: going on alone until the next lvsd run takes over'),
);
// A terminal sends ^C to every process of the group; how to stop is the supervisor's to say while there is one.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!process.connected) orders.abandon();
  });
}
tell({ kind: 'loaded' });

function begin({ settings, version }: Start): Lvs {
  log = createLog({
    name: 'lvsd-lvs',
    level: settings.logLevel,
    format: settings.logFormat,
    outlet: openStandardError(),
  });
  const options = { clock: systemClock, log };
  return createLvs({
    ...options,
    settings,
    kernel: settings.dryRun ? dryKernel(options) : kernelWhenNeeded(options),
    version,
    supervised: () => process.connected,
    askVrrp: asker.ask,
    tell,
    onPools: (up) => tell({ kind: 'pools', up }),
    runScript,
    sendMail: (mail) => void tell({ kind: 'mail', mail }),
  });
}

/** A reload that needs what nftables cannot give has changed nothing. */
function refused(error: unknown): string | undefined {
  if (!(error instanceof NftError)) return undefined;
  log?.error(`reload: ${error.message}: the running configuration goes on`);
  return error.message;
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
