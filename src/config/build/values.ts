/** What several parts of the build share. */
import type { Forwarding } from '../../ipvs/table.js';
import type { Script } from '../../script.js';
import type { Entry } from '../keyword.js';
import type { Report } from '../report.js';
import type { Owner } from '../types/script.js';

/** What holds for the whole configuration while it is being built. */
export type Defaults = {
  readonly report: Report;
  /** Who runs scripts that name nobody. */
  readonly scriptUser?: Owner;
  readonly logAllFailures: boolean;
  /** smtp_alert of servers that have none of their own; absent: no mail is sent of them. */
  readonly alerts?: { readonly virtualServer: boolean; readonly realServer: boolean };
  readonly tls: TlsFiles;
};

export type TlsFiles = {
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  readonly password?: string;
};

/** Something that stands somewhere. */
export type Statement = Pick<Entry<unknown>, 'statement'>;

export const NAT: Forwarding = { method: 'nat' };

/** An error where a statement stands. */
export function errorAt({ report }: Pick<Defaults, 'report'>, entry: Statement, text: string): void {
  report.error(entry.statement.text.place, text);
}

/** A warning where a statement stands. */
export function warnAt({ report }: Pick<Defaults, 'report'>, entry: Statement, text: string): void {
  report.warn(entry.statement.text.place, text);
}

const NOTHING: Readonly<Record<never, never>> = {};

/** A field that is there only when it has a value. */
export function optional<K extends string, T>(key: K, value: T | undefined): { readonly [N in K]?: T } {
  return value === undefined ? NOTHING : ({ [key]: value } as { readonly [N in K]?: T });
}

/** A script with the user it runs as filled in. */
export function ownedScript(script: Script | undefined, { scriptUser }: Defaults): Script | undefined {
  return script === undefined || script.user !== undefined ? script : { ...script, ...scriptUser };
}
