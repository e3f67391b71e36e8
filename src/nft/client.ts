/** lvsd's table in nftables: read, written as one transaction, its sessions listed. */
import { createElementReader } from './elements.js';
import { NftError } from './errors.js';
import { sessionSet, TABLE } from './names.js';
import type { NftProgram, NftResult } from './program.js';
import { parseTable, ReadBackError, type TableRead } from './read-back.js';
import { REMOVE_TABLE } from './ruleset.js';

export type NftClient = {
  /** The table without its sessions; undefined when there is none. Rejects with an NftError, as all here do. */
  readonly read: () => Promise<TableRead | undefined>;
  /** Carries out commands, all or none. */
  readonly apply: (commands: string) => Promise<void>;
  /** Removes the table with everything in it, if it is there. */
  readonly remove: () => Promise<void>;
  /** Hands out the sessions of a space in pieces, in the form nft takes them. */
  readonly sessions: (space: string, take: (elements: readonly string[]) => void) => Promise<void>;
};

const ABSENT = /No such file or directory/;

export function createNftClient(run: NftProgram): NftClient {
  return { read, apply, remove, sessions };

  async function read(): Promise<TableRead | undefined> {
    const operation = 'read table';
    const args = ['-j', '-t', 'list', 'table', 'inet', TABLE];
    const result = await run({ operation, args });
    if (result.code !== 0 && ABSENT.test(result.error)) return undefined;
    check(operation, result);
    try {
      return parseTable(result.output);
    } catch (error) {
      if (!(error instanceof ReadBackError)) throw error;
      throw new NftError(operation, 'unreadable', error.message);
    }
  }

  async function apply(commands: string): Promise<void> {
    const operation = 'write table';
    check(operation, await run({ operation, args: ['-f', '-'], input: commands }));
  }

  async function remove(): Promise<void> {
    const operation = 'remove table';
    const result = await run({ operation, args: ['-f', '-'], input: REMOVE_TABLE });
    if (!ABSENT.test(result.error)) check(operation, result);
  }

  async function sessions(space: string, take: (elements: readonly string[]) => void): Promise<void> {
    const operation = `list sessions of ${space}`;
    const reader = createElementReader();
    const args = ['list', 'set', 'inet', TABLE, sessionSet(space)];
    check(operation, await run({ operation, args, onOutput: (piece) => take(reader.read(piece)) }));
  }
}

function check(operation: string, { code, error }: NftResult): void {
  if (code === 0) return;
  const said = error.trim().split('\n', 3).join(' ') || `exit code ${code}`;
  throw new NftError(operation, 'refused', `${said}${hint(error)}`);
}

function hint(error: string): string {
  if (/not permitted/i.test(error)) return ': it needs root or CAP_NET_ADMIN';
  if (/not supported|Netlink socket/i.test(error)) return ': this kernel lacks nf_tables: modprobe nf_tables';
  return '';
}
