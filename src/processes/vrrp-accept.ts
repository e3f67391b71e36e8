/** Has nft keep the rules of no_accept: through whoever runs scripts, so that adverts never wait for a program to start. */
import type { Clock } from '../clock.js';
import { describeOutcome } from '../script/queue.js';
import type { runScript } from '../script/run.js';
import type { VrrpConfig } from '../vrrp/config.js';
import { acceptRules, closedAddresses } from '../vrrp/place/accept.js';

export type AcceptOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'error', (fields: object, text: string) => void>>;
  readonly runScript: typeof runScript;
  /** What `closed` answers has changed. */
  readonly onChange: () => void;
};

export type Accept = {
  /** A predecessor may have left rules behind. */
  readonly inherit: () => void;
  readonly configure: (config: VrrpConfig) => void;
  /** Whether there may be rules, for a successor to remove. */
  readonly closed: () => boolean;
  /** Removes the rules; resolves when that is done. */
  readonly remove: () => Promise<void>;
};

const DEADLINE_MS = 5000;
const NONE = acceptRules([]);

export function createAccept({ clock, log, runScript, onChange }: AcceptOptions): Accept {
  /** The rules there are; undefined while that is not known. */
  let there: string | undefined = NONE;
  /** One after another, or an older one might come last. */
  let work = Promise.resolve();
  return {
    inherit: () => {
      there = undefined;
    },
    configure: ({ instances }) => void follow(acceptRules(closedAddresses(instances))),
    closed: () => there !== NONE,
    remove: () => follow(NONE),
  };

  function follow(rules: string): Promise<void> {
    work = work.then(() => tell(rules));
    return work;
  }

  /** Where nothing is closed nor was, nft is not needed. */
  async function tell(rules: string): Promise<void> {
    if (rules === there) return;
    become(undefined);
    const { outcome, output } = await runScript({ argv: ['nft', rules] }, { clock, deadlineMs: DEADLINE_MS });
    if (outcome.kind === 'exited' && outcome.code === 0) {
      become(rules);
      return;
    }
    const how = `nft ${describeOutcome(outcome)} ${output.trim().split('\n')[0] ?? ''}`;
    const what = rules === NONE ? 'addresses may still be closed' : 'the addresses accept packets';
    log.error({ outcome }, `no_accept: ${what}: ${how}`);
  }

  function become(rules: string | undefined): void {
    there = rules;
    onChange();
  }
}
