/** Whether the story kept lvsd's promises, in words and numbers: pure, so that a test can plant each breach. */
import { RATE, type Told } from './story.js';
import { answersOutside, begunIn, failuresIn, failuresOutside, type Span, summarise } from './summary.js';

export type Verdict = { readonly held: boolean; readonly lines: readonly string[] };

type Promised = { readonly text: string; readonly held: boolean };

/** A client that asks less than this share of its rate shows nothing. */
const LEAST_SHARE = 0.9;

export function openVerdict(told: Told): Verdict {
  const promises = promisesOf(told);
  const held = promises.every((promise) => promise.held);
  const marks = promises.map((promise) => `  ${promise.held ? 'kept  ' : 'BROKEN'}  ${promise.text}`);
  return {
    held,
    lines: ['', ...numbers(told), '', ...marks, '', held ? 'Every promise held.' : 'A promise was broken.'],
  };
}

function numbers(told: Told): string[] {
  const { requests, beganAt, endedAt, death, blackout } = told;
  const { requests: count, answered, failed, failures, servers, p50Ms, p99Ms } = summarise(requests);
  const reasons = Object.entries(failures).map(([reason, times]) => `${times} ${reason}`);
  return [
    `  requests  ${count} in ${((endedAt - beganAt) / 1000).toFixed(1)} s`,
    `  answered  ${answered} (${Object.entries(servers)
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}), half within ${p50Ms} ms, 99% within ${p99Ms} ms`,
    `  failed    ${failed}${failed > 0 ? ` (${reasons.join(', ')})` : ''}`,
    ...strayLines(told),
    ...[death, blackout].map(
      (turn) =>
        `            ${failuresIn(requests, gap(turn)).length} in the ${turn.noticedAt - turn.doneAt} ms between "${turn.what}" and the check that noticed`,
    ),
  ];
}

function promisesOf(told: Told): Promised[] {
  const { requests, death, rebirth, blackout, dawn, sorryGoneAt, beganAt, endedAt } = told;
  const dark: Span = { from: blackout.noticedAt, to: dawn.doneAt };
  const whileDark = summarise(begunIn(requests, dark));
  const afterRebirth = summarise(begunIn(requests, { from: rebirth.noticedAt, to: blackout.doneAt }));
  const afterDawn = summarise(begunIn(requests, { from: dawn.noticedAt, to: endedAt }));
  const early = answersOutside(requests, 'sorry', [{ from: blackout.doneAt, to: sorryGoneAt }]);
  const strays = failuresOutside(requests, [gap(death), gap(blackout)]);
  return [
    {
      text: 'no request failed but between a death and the check that noticed it',
      held: strays.length === 0,
    },
    {
      text: 'the client kept asking at its rate',
      held: requests.length >= LEAST_SHARE * RATE * ((endedAt - beganAt) / 1000),
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

/** The first failures nobody expected, each with the event it followed. */
function strayLines({ requests, death, rebirth, blackout, dawn }: Told): string[] {
  const turns = [death, rebirth, blackout, dawn];
  return failuresOutside(requests, [gap(death), gap(blackout)])
    .slice(0, 12)
    .map((asked) => {
      const after = turns.filter(({ doneAt }) => doneAt <= asked.at).at(-1);
      const when = after ? `${asked.at - after.doneAt} ms after "${after.what}"` : 'before all else';
      return `            unexpected: ${'failure' in asked ? asked.failure : ''} after ${asked.ms} ms, begun ${when}`;
    });
}

/** From an event to the table that takes account of it. */
function gap({ doneAt, noticedAt }: { readonly doneAt: number; readonly noticedAt: number }): Span {
  return { from: doneAt, to: noticedAt };
}
