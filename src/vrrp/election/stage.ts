/** Where an instance stands in a planned move of its addresses, for those who hand over what belongs to the addresses. Pure. */
import type { Router, State } from './state.js';

export type Stage =
  | { readonly name: 'idle' | 'backup' | 'master' }
  /** Another one is asked to take the addresses, and they are answered for until it does. */
  | { readonly name: 'resigning' }
  /** It will be master in so long, unless something comes between: the master has resigned, or is to be preempted. */
  | { readonly name: 'taking-over'; readonly inMs: number };

const IDLE: Stage = { name: 'idle' };
const BACKUP: Stage = { name: 'backup' };
const MASTER: Stage = { name: 'master' };
const RESIGNING: Stage = { name: 'resigning' };

export function stageOf(router: Pick<Router, 'preempt'>, state: State, now: number): Stage {
  switch (state.name) {
    case 'INIT':
    case 'FAULT':
      return IDLE;
    case 'MASTER':
      return MASTER;
    case 'HANDOVER':
      return RESIGNING;
    case 'BACKUP':
      if (!state.resigned && !preempts(router, state, now)) return BACKUP;
      return { name: 'taking-over', inMs: Math.max(0, state.masterDownAt - now) };
  }
}

/** Whether it lets its timer run out although a master of lower priority adverts. */
function preempts(
  { preempt }: Pick<Router, 'preempt'>,
  { master, fitness, yielded, preemptAt }: Extract<State, { name: 'BACKUP' }>,
  now: number,
): boolean {
  if (!preempt || yielded || master === undefined) return false;
  return master.priority < fitness.priority && now >= (preemptAt ?? now);
}

/** A deadline that moved by less than this is the same still. */
const SAME_MS = 5;

export type Stages = {
  readonly look: (instance: string, router: Pick<Router, 'preempt'>, state: State) => void;
};

/** Tells of a stage when it is another than was told last. */
export function createStages(
  { now }: { readonly now: () => number },
  onStage: (instance: string, stage: Stage) => void,
): Stages {
  const told = new Map<string, { readonly name: Stage['name']; readonly at: number }>();
  return { look };

  function look(instance: string, router: Pick<Router, 'preempt'>, state: State): void {
    const at = now();
    const stage = stageOf(router, state, at);
    const due = stage.name === 'taking-over' ? at + stage.inMs : 0;
    const last = told.get(instance);
    if (last?.name === stage.name && Math.abs(due - last.at) < SAME_MS) return;
    told.set(instance, { name: stage.name, at: due });
    onStage(instance, stage);
  }
}
