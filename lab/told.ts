/** What a story leaves to its verdict: all requests, and when what was done to whom. Wall time in ms. */
import type { Asked } from './request.js';

/** An event, and when the directors had followed it. */
export type Turn = {
  readonly what: string;
  readonly doneAt: number;
  readonly noticedAt: number;
  /** Nobody can know beforehand: what ends the time in which requests may fail. Without it none may. */
  readonly excuse?: 'the check that noticed' | 'the takeover';
};

/** To the servers. */
export type ServerTurns = Readonly<Record<'death' | 'rebirth' | 'blackout' | 'dawn', Turn>>;
/** To the directors. */
export type DirectorTurns = Readonly<
  Record<'handover' | 'back' | 'cut' | 'mended' | 'killed' | 'returned', Turn>
>;

export type Told = {
  readonly requests: readonly Asked[];
  /** Requests a second that the client was to ask. */
  readonly rate: number;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly servers: ServerTurns;
  /** When no table had a sorry server any more, after the servers' return. */
  readonly sorryGoneAt: number;
  readonly directors: DirectorTurns;
};
