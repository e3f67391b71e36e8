/** The programs a configuration has run: there, and such that their user may run them. Pure. */
import type { Config } from '../../config/config.js';
import type { PathPart } from '../../script/security.js';
import type { Script } from '../../script.js';
import { type Finding, listed } from './finding.js';
import type { NftNeed } from './needs.js';

/** Every program the file would have run, wherever in it, each once for each user. */
export function scriptsOf(config: Config): readonly Script[] {
  const found = new Map<string, Script>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isScript(value)) found.set(JSON.stringify([value.argv[0], value.user, value.group]), value);
    else for (const each of Object.values(value)) look(each);
  };
  look(config);
  return [...found.values()];
}

function isScript(value: object): value is Script {
  return 'argv' in value && Array.isArray(value.argv) && typeof value.argv[0] === 'string';
}

/** Whom a script runs as. */
export type User = { readonly uid: number; readonly gid: number };

/** What is known of a script: who runs it, and each part of the path to its program from the root on; or why not. */
export type ScriptFacts = { readonly name: string } & (
  | { readonly user: User; readonly parts: readonly PathPart[] }
  | { readonly error: string }
);

export function scriptFindings(scripts: readonly ScriptFacts[]): readonly Finding[] {
  const faults = scripts.flatMap((script) => {
    const text = 'error' in script ? script.error : forbidden(script.parts, script.user);
    return text === undefined ? [] : [text];
  });
  if (faults.length === 0) return [];
  return [
    {
      severity: 'error',
      check: 'script',
      what: `${faults.length} script(s) cannot be run: ${listed(faults)}`,
      meaning:
        'What they are to do when servers or addresses move is not done, and a vrrp_script counts as failing.',
      mend: 'chmod +x FILE, or the name of a user that may run it after the script',
    },
  ];
}

/** The first part of a path that keeps a user from running the program at its end; root is kept by a program without any x alone. */
function forbidden(parts: readonly PathPart[], user: User): string | undefined {
  const part = parts.find((each) => !mayEnter(each, user));
  return part === undefined
    ? undefined
    : `"${part.path}": user ${user.uid} has no permission to ${isFolder(part) ? 'enter' : 'run'} it`;
}

const [TYPE, FOLDER, X_USER, X_GROUP, X_OTHER] = [0o170000, 0o040000, 0o100, 0o010, 0o001];

function mayEnter(part: PathPart, { uid, gid }: User): boolean {
  const { mode } = part;
  if (uid === 0) return isFolder(part) || (mode & (X_USER | X_GROUP | X_OTHER)) !== 0;
  const bit = uid === part.uid ? X_USER : gid === part.gid ? X_GROUP : X_OTHER;
  return (mode & bit) !== 0;
}

function isFolder({ mode }: PathPart): boolean {
  return (mode & TYPE) === FOLDER;
}

/** Why nft cannot list its tables; `missing`: there is no such program. */
export type NftFault = { readonly missing: boolean; readonly text: string };

/** `fault` is undefined where nft works. */
export function nftFindings(needs: readonly NftNeed[], fault: NftFault | undefined): readonly Finding[] {
  if (fault === undefined || needs.length === 0) return [];
  return [
    {
      severity: needs.some(({ fatal }) => fatal) ? 'error' : 'warning',
      check: 'nft',
      what: fault.text,
      meaning: `It is needed for ${needs.map((need) => need.for).join(', ')}.`,
      mend: fault.missing ? 'apt-get install nftables' : 'nft list tables',
    },
  ];
}
