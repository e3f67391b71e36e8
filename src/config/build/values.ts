/** What several parts of the build share. */
import type { Forwarding } from '../../ipvs/table.js';
import type { Script } from '../../script.js';
import { keywordPlace } from '../arguments.js';
import type { Entry } from '../keyword.js';
import type { Report } from '../report.js';
import type { Owner } from '../types/script.js';

/** What holds for the whole configuration while it is being built. */
export type Defaults = {
  readonly report: Report;
  /** Who runs scripts that name nobody. */
  readonly scriptUser?: Owner;
  readonly logAllFailures: boolean;
  readonly tls: TlsFiles;
};

export type TlsFiles = {
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly password?: string;
};

export const NAT: Forwarding = { method: 'nat' };

/** An error where a statement stands. */
export function errorAt({ report }: Defaults, entry: Pick<Entry<unknown>, 'args'>, text: string): void {
  report.error(keywordPlace(entry.args), text);
}

/** A warning where a statement stands. */
export function warnAt({ report }: Defaults, entry: Pick<Entry<unknown>, 'args'>, text: string): void {
  report.warn(keywordPlace(entry.args), text);
}

/** A field that is there only when it has a value. */
export function optional<K extends string, T>(key: K, value: T | undefined): { readonly [N in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [N in K]?: T });
}

/** A script with the user it runs as filled in. */
export function ownedScript(script: Script | undefined, { scriptUser }: Defaults): Script | undefined {
  return script === undefined || script.user !== undefined ? script : { ...script, ...scriptUser };
}
