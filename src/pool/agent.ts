/** What a real server says of itself by its agent: how much of its weight it wants, and whether it wants newcomers at all. Pure. */

import type { RealServerConfig } from './config.js';
import type { AgentState } from './memory.js';
import {
  type AgentEvent,
  judgeQuorum,
  type Pool,
  type PoolEvent,
  serverEvent,
  type Transition,
} from './pool.js';
import { comingBack, isAway, type ServerState, withResult } from './server.js';

/** One answer of an agent; what it did not say stays as it was. */
export type AgentWords = {
  readonly percent?: number;
  readonly mode?: AgentState['mode'];
  readonly health?: { readonly up: boolean; readonly reason: string };
};

export type AgentResult = {
  /** The id of the AGENT_CHECK. */
  readonly checker: string;
  readonly realServer: string;
  readonly words: AgentWords;
  /** Milliseconds since 1970. */
  readonly since: number;
};

/** The pool after one answer; of a server or check it does not have it changes nothing. `now`: of a clock that does not jump. */
export function withAgent(pool: Pool, result: AgentResult, now = result.since): Transition {
  const place = pool.places.get(result.realServer);
  const server = place === undefined ? undefined : pool.servers[place];
  if (place === undefined || server === undefined || !isItsAgent(server.config, result.checker))
    return { pool, events: [] };
  const next = said(heard(server, result, now), result.words, now);
  if (next === server) return { pool, events: [] };
  const judged = judgeQuorum({ ...pool, servers: pool.servers.with(place, next) }, now, result.since);
  return { pool: judged.pool, events: [...eventsOf(pool, server, next), ...judged.events] };
}

function isItsAgent({ checkers }: RealServerConfig, checker: string): boolean {
  return checkers.some(({ id, agent }) => agent === true && id === checker);
}

function heard(server: ServerState, { words, ...result }: AgentResult, now: number): ServerState {
  return words.health === undefined ? server : withResult(server, { ...result, ...words.health }, now);
}

function said(server: ServerState, words: AgentWords, now: number): ServerState {
  const { percent: pastPercent = 100, mode: pastMode = 'ready' } = server.agent ?? {};
  const { percent = pastPercent, mode = pastMode } = words;
  if (percent === pastPercent && mode === pastMode) return server;
  const next = { ...server, agent: { percent, mode } };
  return isAway(server) && !isAway(next) ? comingBack(next, now) : next;
}

function eventsOf(pool: Pool, before: ServerState, after: ServerState): PoolEvent[] {
  const events: PoolEvent[] = [];
  if (before.up !== after.up) events.push(serverEvent(pool.config, after, agentReason(after)));
  if (isAway(before) !== isAway(after) || modeOf(before) !== modeOf(after))
    events.push(agentEvent(pool, after));
  return events;
}

function modeOf({ agent }: ServerState): AgentState['mode'] {
  return agent?.mode ?? 'ready';
}

function agentReason({ checkers, config }: ServerState): string {
  const id = config.checkers.find(({ agent }) => agent)?.id ?? '';
  return `its agent says ${checkers.get(id)?.reason ?? 'nothing'}`;
}

function agentEvent({ config: { id } }: Pool, server: ServerState): AgentEvent {
  const { percent = 100, mode = 'ready' } = server.agent ?? {};
  return {
    kind: isAway(server) ? 'agent-away' : 'agent-back',
    virtualServer: id,
    realServer: server.config.id,
    reason: `its agent says ${mode}, ${percent} %`,
    script: undefined,
  };
}
