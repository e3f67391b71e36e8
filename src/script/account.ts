/** Names of users and groups as numbers, from the text of /etc/passwd and /etc/group (passwd(5), group(5)). */

/** Ids a process may take on; empty means the caller's own. */
export type Account = { readonly uid?: number; readonly gid?: number };

export type AccountNames = { readonly user?: string; readonly group?: string };

/** The largest id that is one: the kernel takes 2^32 - 1 for "leave it as it is". */
const MAX_ID = 2 ** 32 - 2;

/**
 * The ids of a user and group. Without a group it is the user's own; a group alone is taken on by the daemon's user.
 * Numbers are accepted where no such name exists. An error says which name is unknown.
 */
export function resolveAccount(
  { user, group }: AccountNames,
  passwd: string,
  groups: string,
): Account | { readonly error: string } {
  const entry = user === undefined ? undefined : findUser(user, passwd);
  if (user !== undefined && entry === undefined) return { error: `user "${user}": not in /etc/passwd` };
  const gid = group === undefined ? entry?.gid : (id(find(group, groups)?.[2]) ?? id(group));
  if (group !== undefined && gid === undefined) return { error: `group "${group}": not in /etc/group` };
  if (entry !== undefined && gid === undefined) {
    return { error: `user "${user}": not in /etc/passwd, so a group is needed with it` };
  }
  return { ...(entry && { uid: entry.uid }), ...(gid !== undefined && { gid }) };
}

function findUser(user: string, passwd: string): { readonly uid: number; readonly gid?: number } | undefined {
  const number = id(user);
  const fields = find(user, passwd) ?? (number === undefined ? undefined : find(user, passwd, 2));
  const uid = id(fields?.[2]) ?? number;
  const gid = id(fields?.[3]);
  return uid === undefined ? undefined : { uid, ...(gid !== undefined && { gid }) };
}

/** The fields of the first line that has `value` in its `column`. */
function find(value: string, file: string, column = 0): string[] | undefined {
  return file
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields.length >= 3 && fields[column] === value);
}

function id(text: string | undefined): number | undefined {
  const number = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number <= MAX_ID ? number : undefined;
}
