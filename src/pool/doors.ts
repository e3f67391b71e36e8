/** Whom pools with sessions let in, as it was stated last: it is stated again when it differs. */
import type { Admission } from '../nft/admission.js';
import { planAdmission } from './admission.js';
import type { Pool } from './pool.js';

/** States an admission; resolves when the kernel has it, which may be never. */
export type Admit = (admission: Admission) => Promise<void>;

export type Doors = {
  /** Whether these pools' differ from what was stated last; then they are stated. */
  readonly state: (pools: readonly Pool[]) => boolean;
  /** Resolves when what was stated last is there. */
  readonly stated: () => Promise<void>;
  /** Whether there are any, or may be from before. */
  readonly any: () => boolean;
  /** A predecessor may have left some. */
  readonly restore: (any: boolean) => void;
};

const NOBODY: Admission = { spaces: [], services: [] };

export function createDoors(admit: Admit): Doors {
  /** What was stated last; undefined: there is a predecessor's. */
  let admission: Admission | undefined = NOBODY;
  let stated = Promise.resolve();
  return {
    state: (pools) => {
      const next = planAdmission(pools);
      if (JSON.stringify(next) === JSON.stringify(admission)) return false;
      admission = next;
      stated = admit(next);
      return true;
    },
    stated: () => stated,
    any: () => admission === undefined || admission.services.length > 0,
    restore: (any) => {
      admission = any ? undefined : NOBODY;
    },
  };
}
