/** FIFOs that are told of changes, each with the script that reads it. */
import type { FifoConfig } from '../../fifo/config.js';
import type { Script } from '../../script.js';
import { type Entry, setting } from '../keyword.js';
import { type Defaults, optional, ownedScript, warnAt } from './values.js';

/** The keywords of one: its path, and its script. */
export type FifoKeywords = readonly [
  path: readonly Entry<FifoConfig>[] | undefined,
  script: readonly Entry<Script>[] | undefined,
];

/** Those of them that have a path. */
export function fifosOf(pairs: readonly FifoKeywords[], defaults: Defaults): FifoConfig[] {
  return pairs.flatMap(([path, script]) => {
    const fifo = setting(path);
    if (path === undefined) warnOfScript(script, defaults);
    return fifo === undefined
      ? []
      : [{ ...fifo, ...optional('script', ownedScript(setting(script), defaults)) }];
  });
}

function warnOfScript(script: FifoKeywords[1], defaults: Defaults): void {
  const [entry] = script ?? [];
  if (entry === undefined) return;
  const { keyword } = entry.statement;
  warnAt(defaults, entry, `${keyword}: not run: expected ${keyword.replace(/_script$/, '')} too`);
}
