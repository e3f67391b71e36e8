/**
 * What an agent answers, in the form of HAProxy's agent-check: a line of words between spaces, tabs or commas, in any order, and a
 * description after `#`. What the line does not say stays as it was. Pure.
 *
 *     75%                     of its weight           up                       takes back down
 *     ready | drain | maint   what it is to get       down | fail | stopped    it is down, for the reason after #
 */

/** The line as data; absent is what it did not say. */
export type AgentReply = {
  /** Of the configured weight, 0–1000. */
  readonly percent?: number;
  readonly mode?: AgentMode;
  readonly health?: { readonly up: boolean; readonly reason: string };
};

export type AgentMode = 'ready' | 'drain' | 'maint';

/** Bytes a line may have with its end. */
export const MAX_LINE = 1024;

const MAX_PERCENT = 1000;
const MAX_REASON = 200;

/** Undefined where the line says nothing of these. Words of other meaning are passed over. */
export function parseAgentReply(text: string): AgentReply | undefined {
  const [line = ''] = text.split(/[\r\n]/, 1);
  const [said = '', ...described] = line.split('#');
  const description = printable(described.join('#'));
  let reply: AgentReply = {};
  for (const word of said.toLowerCase().split(/[ \t,]+/)) reply = { ...reply, ...meaning(word, description) };
  return Object.keys(reply).length === 0 ? undefined : reply;
}

function meaning(word: string, description: string): AgentReply {
  switch (word) {
    case 'ready':
    case 'drain':
    case 'maint':
      return { mode: word };
    case 'up':
      return { health: { up: true, reason: 'up' } };
    case 'down':
    case 'fail':
    case 'stopped':
      return { health: { up: false, reason: description === '' ? word : `${word}: ${description}` } };
    default:
      return /^\d{1,9}%$/.test(word) ? { percent: Math.min(MAX_PERCENT, Number.parseInt(word, 10)) } : {};
  }
}

/** It goes to logs, terminals and mails. */
function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, MAX_REASON);
}
