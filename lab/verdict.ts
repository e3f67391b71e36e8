/** Whether the story kept lvsd's promises, in words and numbers: pure, so that a test can plant each breach. */
import type { Asked } from './request.js';
import { answersOutside, begunIn, failuresIn, failuresOutside, type Span, summarise } from './summary.js';
import type { Told, Turn } from './told.js';

export type Verdict = { readonly held: boolean; readonly lines: readonly string[] };

type Promised = { readonly text: string; readonly held: boolean };

/** A client that asks less than this share of its rate shows nothing. */
const LEAST_SHARE = 0.9;
const MOST_STRAYS = 12;

export function openVerdict(told: Told): Verdict {
  const promises = [...serverPromises(told), ...directorPromises(told)];
  const held = promises.every((promise) => promise.held);
  const marks = promises.map((promise) => `  ${promise.held ? 'kept  ' : 'BROKEN'}  ${promise.text}`);
  return {
    held,
    lines: ['', ...numbers(told), '', ...marks, '', held ? 'Every promise held.' : 'A promise was broken.'],
  };
}

function numbers(told: Told): string[] {
  const { requests, beganAt, endedAt } = told;
  const { requests: count, answered, failed, servers, p50Ms, p99Ms } = summarise(requests);
  return [
    `  requests  ${count} in ${((endedAt - beganAt) / 1000).toFixed(1)} s`,
    `  answered  ${answered} (${Object.entries(servers)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}), half within ${p50Ms} ms, 99% within ${p99Ms} ms`,
    `  failed    ${failed}${reasons(requests)}`,
    ...turnsOf(told).map((turn) => turnLine(turn, told)),
    ...strayLines(told),
  ];
}

/** What failed while it was excused; where nothing is, what failed all the same. */
function turnLine(turn: Turn, told: Told): string {
  const { what, doneAt, noticedAt, excuse } = turn;
  const failed = excuse === undefined ? straysAfter(turn, told) : failuresIn(told.requests, gap(turn));
  const how = excuse === undefined ? 'followed after' : `until ${excuse},`;
  return `${String(failed.length).padStart(13)}  ${what}: ${how} ${noticedAt - doneAt} ms${reasons(failed)}`;
}

function reasons(requests: readonly Asked[]): string {
  const counts = Object.entries(summarise(requests).failures).map(([reason, times]) => `${times} ${reason}`);
  return counts.length === 0 ? '' : ` (${counts.join(', ')})`;
}

function serverPromises(told: Told): Promised[] {
  const { requests, rate, servers, sorryGoneAt, beganAt, endedAt } = told;
  const { death, rebirth, blackout, dawn } = servers;
  const dark: Span = { from: blackout.noticedAt, to: dawn.doneAt };
  const whileDark = summarise(begunIn(requests, dark));
  const afterRebirth = summarise(begunIn(requests, { from: rebirth.noticedAt, to: blackout.doneAt }));
  const afterDawn = summarise(begunIn(requests, { from: dawn.noticedAt, to: endedAt }));
  const early = answersOutside(requests, 'sorry', [{ from: blackout.doneAt, to: sorryGoneAt }]);
  const planned = [rebirth, dawn];
  return [
    {
      text: 'the client kept asking at its rate',
      held: requests.length >= LEAST_SHARE * rate * ((endedAt - beganAt) / 1000),
    },
    {
      text: 'no request failed but between a death and the check that noticed it',
      held: noStrays([death, blackout, ...planned], told),
    },
    { text: 'rs1 answered again after its return', held: (afterRebirth.servers.rs1 ?? 0) > 0 },
    { text: 'the sorry server answered only while all were down', held: early.length === 0 },
    {
      text: 'and then it answered everyone',
      held: whileDark.requests > 0 && whileDark.servers.sorry === whileDark.requests,
    },
    {
      text: 'all three answered at the end',
      held: ['rs1', 'rs2', 'rs3'].every((name) => (afterDawn.servers[name] ?? 0) > 0),
    },
  ];
}

function directorPromises(told: Told): Promised[] {
  const { handover, back, cut, mended, killed, returned } = told.directors;
  return [
    { text: 'no request failed at a hand-over, nor at the way back', held: noStrays([handover, back], told) },
    {
      text: 'no request failed after a dead director was replaced',
      held: noStrays([cut, killed], told),
    },
    { text: "no request failed at a director's return", held: noStrays([mended, returned], told) },
  ];
}

function noStrays(turns: readonly Turn[], told: Told): boolean {
  return turns.every((turn) => straysAfter(turn, told).length === 0);
}

/** Failures nobody expected that came after a turn and before the next; those before all else count to the first. */
function straysAfter(turn: Turn, told: Told): Asked[] {
  const turns = turnsOf(told);
  return strays(told).filter((asked) => (lastBefore(turns, asked) ?? turns[0]) === turn);
}

/** The first failures nobody expected, each with the event it followed. */
function strayLines(told: Told): string[] {
  const turns = turnsOf(told);
  return strays(told)
    .slice(0, MOST_STRAYS)
    .map((asked) => {
      const after = lastBefore(turns, asked);
      const when = after ? `${asked.at - after.doneAt} ms after "${after.what}"` : 'before all else';
      return `            unexpected: ${'failure' in asked ? asked.failure : ''} after ${asked.ms} ms, begun ${when}`;
    });
}

function strays(told: Told): Asked[] {
  return failuresOutside(told.requests, turnsOf(told).flatMap(gaps));
}

/** The last turn before a request ended: what may have made it fail. */
function lastBefore(turns: readonly Turn[], { at, ms }: Asked): Turn | undefined {
  return turns.filter(({ doneAt }) => doneAt <= at + ms).at(-1);
}

/** All of them, in the order of the story. */
function turnsOf({ servers, directors }: Told): readonly Turn[] {
  return [...Object.values(servers), ...Object.values(directors)];
}

function gaps(turn: Turn): readonly Span[] {
  return turn.excuse === undefined ? [] : [gap(turn)];
}

/** From an event to the directors' answer to it. */
function gap({ doneAt, noticedAt }: Turn): Span {
  return { from: doneAt, to: noticedAt };
}
