/** Facts of the programs lvsd would run. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../../clock.js';
import { NftError } from '../../nft/errors.js';
import { createNftProgram } from '../../nft/program.js';
import { resolveAccount } from '../../script/account.js';
import { findProgram, programParts } from '../../script/security.js';
import type { Script } from '../../script.js';
import type { NftFault, ScriptFacts, User } from './programs.js';

const NFT_WITHIN_MS = 2000;

export function readScripts(scripts: readonly Script[]): Promise<readonly ScriptFacts[]> {
  return Promise.all(scripts.map(readScript));
}

async function readScript({ argv: [file = ''], ...names }: Script): Promise<ScriptFacts> {
  try {
    const user = userOf(names);
    if ('error' in user) return { name: file, error: `"${file}": ${user.error}` };
    return { name: file, user, parts: await programParts(file, process.env.PATH ?? '') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { name: file, error: `"${file}": ${code === 'ENOENT' ? 'there is no such file' : message}` };
  }
}

function userOf(names: Omit<Script, 'argv'>): User | { readonly error: string } {
  const account = resolveAccount(
    names,
    readFileSync('/etc/passwd', 'latin1'),
    readFileSync('/etc/group', 'latin1'),
  );
  if ('error' in account) return account;
  return { uid: account.uid ?? process.getuid?.() ?? 0, gid: account.gid ?? process.getgid?.() ?? 0 };
}

/** Whether there is a program of that name. */
export async function hasProgram(name: string): Promise<boolean> {
  return findProgram(name, process.env.PATH ?? '').then(
    () => true,
    () => false,
  );
}

/** Why nft does not work; undefined where it does. A user who may not list tables can see that the program is there. */
export async function readNft(mayList: boolean): Promise<NftFault | undefined> {
  const nft = createNftProgram({ clock: systemClock, deadlineMs: NFT_WITHIN_MS });
  try {
    const { code, error } = await nft({
      operation: 'list tables',
      args: mayList ? ['list', 'tables'] : ['--version'],
    });
    return code === 0
      ? undefined
      : { missing: false, text: `nft list tables: ${error.trim().split('\n')[0]}` };
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    return { missing: error.reason === 'missing', text: error.message };
  }
}
