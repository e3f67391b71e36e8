/** Log lines as people read them: one line an event, and nothing in it that a terminal would obey. */

/** What of a line of JSON is shown. */
export type Entry = {
  readonly level: number;
  readonly name: string;
  readonly msg?: string;
  /** An error, as pino writes it. */
  readonly err?: { readonly message?: string; readonly stack?: string };
};

/** What happened, with the error that tells of it. */
export function textOf({ msg = '', err }: Pick<Entry, 'msg' | 'err'>): string {
  const error = err?.stack ?? err?.message;
  return oneLine(error === undefined ? msg : `${msg}: ${error}`);
}

/** Line breaks become bars, other control characters are spelled out: much in the log was said by others. */
export function oneLine(text: string): string {
  return text.trim().replace(BREAK, ' | ').replace(CONTROL, spelled);
}

const BREAK = /\s*[\r\n]+\s*/g;
/** C0, DEL and C1. */
const CONTROL = /\p{Cc}/gu;

function spelled(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** pino's levels as syslog's priorities (sd-daemon(3)): SD_CRIT, SD_ERR, SD_WARNING, SD_INFO, SD_DEBUG. */
const PRIORITIES: readonly (readonly [level: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const SD_DEBUG = 7;

/** For the journal, which knows the time, the process, and that it is lvsd's: `<4>lvsd-vrrp: text`. */
export function journalLine(json: string): string {
  const entry = JSON.parse(json) as Entry;
  const [, priority = SD_DEBUG] = PRIORITIES.find(([level]) => entry.level >= level) ?? [];
  const who = entry.name === 'lvsd' ? '' : `${entry.name}: `;
  return `<${priority}>${who}${textOf(entry)}\n`;
}
