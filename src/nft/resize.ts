/**
 * Spaces whose set in the kernel has another size than wanted. nftables cannot resize a set, so it is replaced: nobody may enter
 * for the moment, its sessions are copied, their time beginning anew, and entering goes on with the new set. A space that is
 * fuller than it may be from now on stays so until enough sessions have ended. Pure.
 */
import type { Admission, SessionSpace } from './admission.js';
import { sessionSet } from './names.js';
import type { TableRead } from './read-back.js';

/** The spaces to replace. */
export function spacesToResize({ spaces }: Admission, have: TableRead | undefined): readonly SessionSpace[] {
  const sets = new Map(have?.sets.map((set) => [set.name, set]));
  return spaces.filter(({ name, family, size }) => {
    const set = sets.get(sessionSet(name));
    return set !== undefined && set.family === family && set.size !== size;
  });
}
