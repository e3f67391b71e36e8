/** Has nft keep the rules of no_accept: through whoever runs scripts, so that adverts never wait for a program to start. */
import type { Clock } from '../clock.js';
import { describeOutcome } from '../script/queue.js';
import type { runScript } from '../script/run.js';
import { acceptRules, closedAddresses } from '../vrrp/accept.js';
import type { VrrpConfig } from '../vrrp/config.js';

export type AcceptOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'error', (fields: object, text: string) => void>>;
  readonly runScript: typeof runScript;
};

export type Accept = {
  readonly configure: (config: VrrpConfig) => void;
  /** Removes the rules; resolves when that is done. */
  readonly remove: () => Promise<void>;
};

const DEADLINE_MS = 5000;

export function createAccept({ clock, log, runScript }: AcceptOptions): Accept {
  /** What nft was told last. */
  let told = acceptRules([]);
  /** One after another, or an older one might come last. */
  let work = Promise.resolve();
  return {
    configure: ({ instances }) => void follow(acceptRules(closedAddresses(instances))),
    remove: () => follow(acceptRules([])),
  };

  function follow(rules: string): Promise<void> {
    work = work.then(() => tell(rules));
    return work;
  }

  /** Where nothing is closed nor was, nft is not needed. */
  async function tell(rules: string): Promise<void> {
    if (rules === told) return;
    told = rules;
    const { outcome, output } = await runScript({ argv: ['nft', rules] }, { clock, deadlineMs: DEADLINE_MS });
    if (outcome.kind === 'exited' && outcome.code === 0) return;
    const how = output.trim().split('\n')[0] ?? '';
    log.error({ outcome }, `no_accept: the addresses accept packets: nft ${describeOutcome(outcome)} ${how}`);
  }
}
