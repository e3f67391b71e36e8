/** A director's part in a hand-over within the test: its kernel's list, its network and its nft are the test's, and so is the time. */
import type { SystemError } from '../../src/net/system-error.js';
import type { NftError } from '../../src/nft/errors.js';
import { EMPTY_HOLD } from '../../src/nft/hold.js';
import type { NftProgram } from '../../src/nft/program.js';
import { createHandover, type Handover } from '../../src/processes/handover.js';
import type { Stage } from '../../src/vrrp/election/stage.js';
import { createFakeClock } from './fake-clock.js';
import { destination, key, service } from './ipvs-values.js';
import { readMessage } from './sync-messages.js';

export const CONFIG = { interface: 'eth0', instance: 'VI_1', syncId: 51 };

/** A line of the kernel's list, of the client's port. */
export const line = (port: number, state = 'ESTABLISHED', leftS = state === 'SYN_RECV' ? 59 : 899) =>
  `TCP 0A000001 ${port.toString(16).toUpperCase().padStart(4, '0')} 0A000064 0050 0A00000B 0050 ${state.padEnd(11)} ${`${leftS}`.padStart(7)}`;

export const [backup, master, resigning, idle] = (['backup', 'master', 'resigning', 'idle'] as const).map(
  (name) => ({ name }) as Stage,
) as [Stage, Stage, Stage, Stage];
export const taking = (inMs: number): Stage => ({ name: 'taking-over', inMs });

export class HandoverMachine {
  readonly clock = createFakeClock(1000);
  lines = [line(5000), line(5001)];
  /** Before the first line of a list. */
  slowMs = 0;
  listings = 0;
  told: string[] = [];
  nft: string[] = [];
  readonly log: string[] = [];
  readonly receives: boolean[] = [];
  /** How often the telling has come to its end. */
  closed = 0;
  hurries = 0;
  /** When programs nft were started. */
  started: number[] = [];
  dismissed = 0;
  nftFails: NftError | undefined;
  /** Of a program that waits for its input. */
  waitingFails: NftError | undefined;
  /** What nft refuses. */
  refused: RegExp | undefined;
  refusal: SystemError | undefined;
  unopened: SystemError | undefined;
  backupOnly = false;
  reuseMode = 1;
  handover = this.create();

  /** @param before what it hears before it is configured */
  create(before: (made: Handover) => void = () => {}): Handover {
    const made = createHandover({
      clock: this.clock,
      log: {
        info: (text) => void this.log.push(text),
        warn: (text) => void this.log.push(`warn: ${text}`),
      },
      onReceives: () => void this.receives.push(made.receives()),
      list: () => this.#list(),
      open: () => this.unopened ?? { send: (bytes) => this.#send(bytes), close: () => this.#close() },
      nft: (command) => this.#runNft(command),
      backupOnly: () => this.backupOnly,
      reuseMode: () => this.reuseMode,
      hurry: () => {
        this.hurries += 1;
        return () => {
          this.hurries -= 1;
        };
      },
    });
    before(made);
    made.configure(CONFIG, ['10.0.0.100']);
    made.note(key(), service({ destinations: [destination()] }));
    return made;
  }

  async *#list(): AsyncGenerator<readonly string[]> {
    const { clock, slowMs } = this;
    this.listings += 1;
    const found = this.lines.map((each) => [each]);
    if (slowMs > 0) await new Promise<void>((resolve) => clock.wake(clock.now() + slowMs, resolve));
    yield* found;
  }

  #send(bytes: Uint8Array): SystemError | undefined {
    if (this.refusal !== undefined) return this.refusal;
    const { syncId, entries } = readMessage(bytes);
    for (const { clientPort, state } of entries) this.told.push(`${syncId} ${clientPort} ${state}`);
    return undefined;
  }

  #close(): void {
    this.closed += 1;
  }

  readonly #runNft: NftProgram = async (command) => {
    if (this.nftFails) throw this.nftFails;
    if (this.waitingFails && typeof command.input !== 'string') throw this.waitingFails;
    this.started.push(this.clock.now());
    const input = (await command.input) ?? '';
    if (this.refused?.test(input)) return { code: 1, output: '', error: 'No such file or directory' };
    if (input === '') this.dismissed += 1;
    else this.nft.push(`${this.clock.now()} ${wordsOf(input)}`);
    return { code: 0, output: '', error: '' };
  };
}

/** What nft is to do, with the time it is for: `hold` with rules, `held` where they are. */
function wordsOf(input: string): string {
  if (input === EMPTY_HOLD) return 'laid';
  const ms = /timeout (\d+)ms/.exec(input)?.[1];
  if (ms === undefined) return 'release';
  const closed = [...input.matchAll(/10.0.0.1 . (\d+) . 10.0.0.100 . 80/g)].map(([, port]) => port);
  if (closed.length > 0) return `closed ${closed} ${ms}`;
  return input.includes('add chain') ? `hold ${ms}` : `held ${ms}`;
}
