/** What the operator can tell instances to do: hand over, and take that back. A group moves as a whole. */
import { describeCause } from './election/causes.js';
import type { Event, StateName } from './election/state.js';
import { answers, type Member, nameOf } from './member.js';
import type { Starter } from './starter.js';
import type { Sync } from './sync.js';
import type { Turns } from './turns.js';
import type { Until } from './until.js';

/** What became of a hand-over that was asked for. */
export type HandoverResult = { readonly instance: string; readonly state: StateName; readonly text: string };

export type Commands = {
  /**
   * Resigns with one instance and its group, or with all; resolves when it is known who is master. Those that are not master preempt
   * nobody from here on.
   */
  readonly handover: (instance?: string) => Promise<readonly HandoverResult[]>;
  /** Takes hand-overs back: priorities count again. */
  readonly resume: (instance?: string) => Promise<readonly HandoverResult[]>;
};

export type CommandsOptions = {
  readonly members: ReadonlyMap<string, Member>;
  readonly sync: Sync;
  /** Remembers what those are told that have not started. */
  readonly starter: Pick<Starter, 'yield' | 'resume'>;
  readonly turns: Turns;
  readonly until: Until['holds'];
  /** Whether the operator has handed it over, and not taken that back. */
  readonly hasYielded: (member: Member) => boolean;
  /** The wish is to be there for the next process. */
  readonly onChange: () => void;
};

export function createCommands(options: CommandsOptions): Commands {
  const { members, sync, starter, turns, until, hasYielded, onChange } = options;
  return { handover, resume };

  async function handover(name?: string): Promise<readonly HandoverResult[]> {
    if (turns.busy()) await idle();
    const told = chosen(name);
    // One that is being handed over already is waited for as well: its end is the answer.
    const resigning = told.filter(({ instance }) => answers(instance));
    for (const { instance } of told)
      if (instance.state().name === 'INIT') starter.yield(instance.config().name);
    give(told, { kind: 'handover' });
    const names = resigning.map(nameOf);
    await until(() => !turns.busy() && !told.some(isHandingOver));
    return chosen(name).map((member) => handedOver(member, names.includes(nameOf(member))));
  }

  async function resume(name?: string): Promise<readonly HandoverResult[]> {
    if (turns.busy()) await idle();
    const all = chosen(name);
    const yielded = new Set(all.filter(hasYielded));
    for (const member of all) starter.resume(nameOf(member));
    give(all, { kind: 'resume' });
    await idle();
    return all.map((member) =>
      result(member, yielded.has(member) ? 'taken back: priorities decide again' : 'was not handed over'),
    );
  }

  /** A reload may have made another virtual router of it, which goes on with that. */
  function isHandingOver(member: Member): boolean {
    const { instance } = members.get(nameOf(member)) ?? member;
    return instance.state().name === 'HANDOVER';
  }

  function idle(): Promise<void> {
    return until(() => !turns.busy());
  }

  function give(to: readonly Member[], event: Event): void {
    turns.run(function* () {
      yield* sync.together(to.map((member) => ({ instance: nameOf(member), event })));
      onChange();
    });
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

function handedOver(member: Member, answered: boolean): HandoverResult {
  if (answered || answers(member.instance)) return result(member, because(member));
  const wish = 'preempts nobody until lvsd handover --back';
  return result(member, `was not master (${because(member)}): ${wish}`);
}

function because({ instance }: Member): string {
  const { cause } = instance.since();
  return cause === undefined ? 'not started yet' : describeCause(cause);
}

function result({ instance }: Member, text: string): HandoverResult {
  return { instance: instance.config().name, state: instance.state().name, text };
}
