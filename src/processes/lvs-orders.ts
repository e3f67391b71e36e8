/** What lvsd-lvs does with each message of the supervisor. */
import type { Asker } from './ask.js';
import type { Lvs } from './lvs.js';
import type { FromChild, ToChild } from './messages.js';

type Start = Extract<ToChild, { kind: 'start' }>;

export type LvsOrdersOptions = {
  /** Makes what is to be ordered about. */
  readonly begin: (start: Start) => Lvs;
  readonly heardReply: Asker['heard'];
  readonly tell: (message: FromChild) => void;
  /** What was told of a configuration that cannot be taken in; undefined: it is no such error. */
  readonly refused: (error: unknown) => string | undefined;
  readonly onError: (error: unknown) => void;
  /** All has ended. */
  readonly exit: () => void;
};

export type LvsOrders = {
  readonly heard: (message: ToChild) => void;
  /** Ends as soon as what is under way has, and leaves everything to a successor. */
  readonly abandon: () => void;
};

export function createLvsOrders(options: LvsOrdersOptions): LvsOrders {
  const { begin, heardReply, tell, refused, onError, exit } = options;
  let lvs: Lvs | undefined;
  let ending = false;
  /** Messages are obeyed one after another. */
  let work = Promise.resolve();
  return { heard, abandon: () => heard({ kind: 'leave' }) };

  function heard(message: ToChild): void {
    // An answer is waited for by work that may be under way.
    if (message.kind === 'reply') {
      heardReply(message.id, message.reply);
      return;
    }
    if (message.kind === 'hail') {
      tell({ kind: 'here' });
      return;
    }
    // Clients' packets wait for nothing.
    if (message.kind === 'stage') {
      lvs?.follow(message.instance, message.stage, message.agoMs);
      return;
    }
    if (message.kind === 'start') {
      lvs = begin(message);
      // Before the kernel is told anything: what it holds is right as long as these hold.
      for (const news of message.news) heard(news);
    }
    work = work.then(() => obey(message)).catch(onError);
  }

  async function obey(message: ToChild): Promise<void> {
    switch (message.kind) {
      case 'start':
        await lvs?.configure(message.config);
        // What comes meanwhile is obeyed.
        void lvs?.settled().then(ready).catch(onError);
        return;
      case 'configure':
        return reload(message);
      case 'reloadFailed':
        return lvs?.noteReload({ at: message.at, errors: message.errors });
      case 'reloaded':
        // Others do not wait for lvsd-vrrp.
        void lvs?.answerReload(message);
        return;
      case 'stop':
        return end(true);
      case 'leave':
        return end(false);
      case 'masters':
        return lvs?.setMasters(message.names);
      case 'starts':
        return lvs?.noteStarts(message.counts);
      case 'reply':
      case 'hail':
      case 'stage':
      case 'pools':
      case 'checks':
      case 'request':
      case 'withdraw':
      case 'ran':
        return;
    }
  }

  async function reload({ config, at }: Extract<ToChild, { kind: 'configure' }>): Promise<void> {
    try {
      await lvs?.configure(config);
      lvs?.noteReload({ at, errors: [] });
    } catch (error) {
      const text = refused(error);
      if (text === undefined) throw error;
      lvs?.noteReload({ at, errors: [text] });
    }
  }

  function ready(): void {
    if (!ending) tell({ kind: 'ready' });
  }

  async function end(remove: boolean): Promise<void> {
    ending = true;
    await lvs?.end({ remove });
    exit();
  }
}
