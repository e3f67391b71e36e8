/** An lvsd-lvs within the test: the test is its supervisor, and its kernel speaks bytes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.js';
import type { Log } from '../../src/log.js';
import { EMPTY_HOLD } from '../../src/nft/hold.js';
import type { NftProgram } from '../../src/nft/program.js';
import { dryKernel, kernelWhenNeeded } from '../../src/processes/kernel.js';
import { createLvs } from '../../src/processes/lvs.js';
import { createLvsOrders } from '../../src/processes/lvs-orders.js';
import type { FromChild, News, ToChild } from '../../src/processes/messages.js';
import { type FakeClock, settle } from './fake-clock.js';
import { createFakeKernel, type FakeKernel } from './fake-kernel.js';
import { nested } from './fake-kernel-bytes.js';

/** Numbers of ip_vs.h: IP_VS_STATE_MASTER, IP_VS_STATE_BACKUP. */
const ROLES = ['', 'master', 'backup'];

/** A machine on which one lvsd-lvs runs after another. */
export class LvsMachine {
  readonly kernel: FakeKernel = createFakeKernel();
  /** What the kernel was told of synchronisation daemons. */
  readonly switched: string[] = [];
  /** What nftables were told. */
  readonly nft: string[] = [];
  readonly told: FromChild[] = [];
  readonly #stateDir = mkdtempSync(join(tmpdir(), 'lvsd-lvs-'));
  #send: (message: ToChild) => void = () => {};
  #exited = true;

  constructor(
    readonly clock: FakeClock,
    readonly log: string[] = [],
  ) {
    this.kernel.refuse = (command, { attrs }) => {
      const role = ROLES[nested(attrs, 3)?.get(1)?.readUInt32LE() ?? 0];
      if (command === 'NEW_DAEMON') this.switched.push(`start ${role}`);
      if (command === 'DEL_DAEMON') this.switched.push(`stop ${role}`);
      return undefined;
    };
  }

  /** The daemons that run. */
  get running(): readonly string[] {
    return [...this.kernel.table.daemons.keys()].map((state) => ROLES[state] ?? '');
  }

  /** Starts one; those before must have ended. */
  async start(config: Config, news: readonly News[] = [], { dryRun = false } = {}): Promise<void> {
    const { clock, log } = this;
    const warn = (...words: unknown[]) => log.push(String(words.at(-1)));
    const settings = {
      stateDir: this.#stateDir,
      dryRun,
      logLevel: 'info',
      logFormat: 'text',
    } as const;
    this.#exited = false;
    const orders = createLvsOrders({
      begin: ({ version }) =>
        createLvs({
          settings,
          kernel: dryRun
            ? dryKernel({ log: logTo(warn) })
            : kernelWhenNeeded({ clock, log: logTo(warn), open: this.kernel.open }),
          clock,
          log: logTo(warn),
          version,
          supervised: () => true,
          askVrrp: async () => ({ kind: 'absent' }),
          tell: () => true,
          onPools: (up) => this.told.push({ kind: 'pools', up }),
          runScript: async () => ({ outcome: { kind: 'exited', code: 0 }, output: '', durationMs: 0 }),
          sendMail: () => {},
          nft: this.#runNft,
        }),
      heardReply: () => {},
      tell: (message) => this.told.push(message),
      refused: () => undefined,
      onError: (error) => warn(`failed: ${error}`),
      exit: () => {
        this.#exited = true;
      },
    });
    this.#send = orders.heard;
    await this.hears({ kind: 'start', settings, version: 'test', config, news });
  }

  async hears(message: ToChild): Promise<void> {
    this.#send(message);
    await this.pass(0);
  }

  /** Lets time pass, in which everything under way goes on. */
  async pass(ms: number): Promise<void> {
    await settled();
    await this.clock.advanceAsync(ms);
    await settled();
  }

  /** Ends the one that runs. */
  async end(kind: 'stop' | 'leave'): Promise<void> {
    await this.hears({ kind });
    // Its state file is written on the thread pool.
    while (!this.#exited) await this.pass(50);
  }

  async dispose(): Promise<void> {
    if (!this.#exited) await this.end('leave');
    rmSync(this.#stateDir, { recursive: true, force: true });
  }

  readonly #runNft: NftProgram = async ({ input = '' }) => {
    const text = await input;
    if (text !== '') this.nft.push(nftWord(text));
    return { code: 0, output: '', error: '' };
  };
}

function nftWord(text: string): string {
  if (text === EMPTY_HOLD) return 'laid';
  return text.includes('add element') ? 'hold' : 'release';
}

function logTo(warn: (...words: unknown[]) => void): Log {
  return { debug: () => {}, info: () => {}, warn, error: warn } as unknown as Log;
}

/** An exchange with the kernel takes some turns of the event loop, and several follow one another. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await settle();
}
