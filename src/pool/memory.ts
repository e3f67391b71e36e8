/**
 * What outlives a configuration: the health last known of each server, as plain JSON data.
 * A reload hands it from the old pool to the new one, a crash leaves it in the state file: one code path for both.
 */
import type { CheckerRef } from './config.js';
import type { Drain, Leaving } from './drain.js';
import type { Ramp } from './ramp.js';

export type PoolMemory = {
  readonly quorumUp: boolean;
  readonly quorumSince: number;
  readonly servers: readonly ServerMemory[];
  /** Absent in a state file of before there was draining. */
  readonly leaving?: readonly Leaving[];
};

export type ServerMemory = {
  readonly id: string;
  readonly up: boolean;
  readonly since: number;
  readonly announced: boolean;
  readonly checkers: readonly CheckerMemory[];
  readonly ramp?: Ramp | undefined;
  readonly drain?: Drain | undefined;
  readonly agent?: AgentState | undefined;
};

/** What a server's agent has said last. `percent`: of its configured weight. */
export type AgentState = { readonly percent: number; readonly mode: 'ready' | 'drain' | 'maint' };

export type CheckerMemory = {
  readonly id: string;
  readonly up: boolean;
  /** False until it has run: `up` is then an assumption. */
  readonly tested: boolean;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly since: number;
};

type State = Omit<CheckerMemory, 'id'>;
type Server = Omit<ServerMemory, 'id' | 'checkers'> & {
  readonly config: { readonly id: string };
  readonly checkers: ReadonlyMap<string, State>;
};
type Remembering = Omit<PoolMemory, 'servers'> & {
  readonly servers: readonly Server[];
  readonly sorry: readonly Server[];
  readonly leaving: readonly Leaving[];
};

/** A pool's memory. */
export function remember({ quorumUp, quorumSince, servers, sorry, leaving }: Remembering): PoolMemory {
  return {
    quorumUp,
    quorumSince,
    servers: [...servers, ...sorry].map(
      ({ config: { id }, up, since, announced, checkers, ramp, drain, agent }) => ({
        id,
        up,
        since,
        announced,
        checkers: Array.from(checkers, ([checker, state]) => ({ id: checker, ...state })),
        ...(ramp && { ramp }),
        ...(drain && { drain }),
        ...(agent && { agent }),
      }),
    ),
    ...(leaving.length > 0 && { leaving }),
  };
}

/**
 * The checkers of a server as they begin. One that is remembered goes on. A new one of a new server assumes up, or down if alpha.
 * A new one of a server that is remembered assumes what that server was: a changed check must neither send clients to a dead
 * server nor take a living one away.
 */
export function inherit(
  checkers: readonly CheckerRef[],
  server: ServerMemory | undefined,
  now: number,
): ReadonlyMap<string, State> {
  const known = new Map(server?.checkers.map(({ id, ...state }) => [id, state]));
  const cause = server?.checkers.find(({ up }) => !up)?.reason;
  return new Map(checkers.map((checker) => [checker.id, known.get(checker.id) ?? assume(checker)]));

  function assume({ alpha, agent }: CheckerRef): State {
    // An agent that never speaks must not hold a server down.
    if (agent) return { up: true, tested: false, reason: 'its agent has not spoken yet', since: now };
    const up = server?.up ?? !alpha;
    return { up, tested: false, reason: up ? 'not checked yet' : (cause ?? 'not checked yet'), since: now };
  }
}
