/** What the operator can tell instances to do: hand over, and take that back. A group moves as a whole. */
import { describeCause } from './election/causes.js';
import type { Event, StateName } from './election/state.js';
import { answers, type Member, nameOf } from './member.js';
import type { Sync } from './sync.js';
import type { Turns } from './turns.js';
import type { Until } from './until.js';

/** What became of a hand-over that was asked for. */
export type HandoverResult = { readonly instance: string; readonly state: StateName; readonly text: string };

export type Commands = {
  /** Resigns with one instance and its group, or with all; resolves when it is known who is master. */
  readonly handover: (instance?: string) => Promise<readonly HandoverResult[]>;
  /** Takes hand-overs back: priorities count again. */
  readonly resume: (instance?: string) => Promise<readonly HandoverResult[]>;
};

export type CommandsOptions = {
  readonly members: ReadonlyMap<string, Member>;
  readonly sync: Sync;
  readonly turns: Turns;
  readonly until: Until['holds'];
  /** Hand-overs of these instances are taken back, also of those that have not started yet. */
  readonly onResume: (instances: readonly string[]) => void;
};

export function createCommands({ members, sync, turns, until, onResume }: CommandsOptions): Commands {
  return { handover, resume };

  async function handover(name?: string): Promise<readonly HandoverResult[]> {
    if (turns.busy()) await idle();
    // One that is being handed over already is waited for as well: its end is the answer.
    const resigning = chosen(name).filter(({ instance }) => answers(instance));
    give(resigning, { kind: 'handover' });
    await until(
      () => !turns.busy() && resigning.every(({ instance }) => instance.state().name !== 'HANDOVER'),
    );
    return chosen(name).map((member) => result(member, resigning.includes(member)));
  }

  async function resume(name?: string): Promise<readonly HandoverResult[]> {
    if (turns.busy()) await idle();
    const all = chosen(name);
    give(all, { kind: 'resume' });
    onResume(all.map(nameOf));
    await idle();
    return all.map((member) => result(member, true));
  }

  function idle(): Promise<void> {
    return until(() => !turns.busy());
  }

  function give(to: readonly Member[], event: Event): void {
    turns.run(() => sync.together(to.map((member) => ({ instance: nameOf(member), event }))));
  }

  function chosen(name: string | undefined): readonly Member[] {
    if (name === undefined) return [...members.values()];
    if (!members.has(name)) {
      throw new Error(`no vrrp_instance "${name}": there are ${[...members.keys()].join(', ') || 'none'}`);
    }
    const names = sync.groupOf(name)?.instances ?? [name];
    return names.flatMap((each) => members.get(each) ?? []);
  }
}

function result({ instance }: Member, concerned: boolean): HandoverResult {
  const state = instance.state();
  const { cause } = instance.since();
  const text = cause === undefined ? 'not started yet' : describeCause(cause);
  return {
    instance: instance.config().name,
    state: state.name,
    text: concerned ? text : `was not master: ${text}`,
  };
}
