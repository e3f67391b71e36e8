/** enable_script_security: a script that runs as root must not be one that somebody else can change. */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Owner and mode of one part of a path, as stat(2) has them. */
export type PathPart = {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
};

/** The first part another user than root can change, in words; undefined when there is none. */
export function findInsecurePart(parts: readonly PathPart[]): string | undefined {
  for (const { path, uid, gid, mode } of parts) {
    // In a sticky directory only its owner may replace what is root's.
    const sticky = (mode & constants.S_IFMT) === constants.S_IFDIR && (mode & 0o1000) !== 0;
    if (uid !== 0) return `"${path}" belongs to user ${uid}, not to root`;
    if (gid !== 0 && mode & constants.S_IWGRP && !sticky) return `"${path}" can be changed by group ${gid}`;
    if (mode & constants.S_IWOTH && !sticky) return `"${path}" can be changed by anyone`;
  }
  return undefined;
}

/** Checks the program a script names, links followed, from the root directory down. Undefined when it is safe to run as root. */
export async function checkScriptSecurity(
  file: string,
  path = process.env.PATH ?? '',
): Promise<string | undefined> {
  try {
    return findInsecurePart(await programParts(file, path));
  } catch (error) {
    return `"${file}": ${(error as Error).message}`;
  }
}

/** Each part of the path to the program a script names, links followed, from the root directory on. Rejects where there is none. */
export async function programParts(file: string, path: string): Promise<readonly PathPart[]> {
  const program = await realpath(await findProgram(file, path));
  return Promise.all(partsOf(program).map(async (part) => ({ path: part, ...(await modeOf(part)) })));
}

/** Where execvp(3) finds a program. */
export async function findProgram(file: string, path: string): Promise<string> {
  if (file.includes('/')) return file;
  for (const directory of path.split(':')) {
    const candidate = join(directory, file);
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  throw new Error('not found in PATH');
}

function partsOf(file: string): string[] {
  const above = dirname(file);
  return above === file ? [file] : [...partsOf(above), file];
}

async function modeOf(path: string): Promise<Omit<PathPart, 'path'>> {
  const { uid, gid, mode } = await stat(path);
  return { uid, gid, mode };
}
