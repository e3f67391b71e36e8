/** How many sockets this process may open. */
import { getResourceLimit, setResourceLimit } from '../net/libc.js';
import { RLIMIT_NOFILE } from '../net/linux.js';

/** Left for everything that is not a check. */
const RESERVED = 256;
const MOST = 16_384;
const LEAST = 16;

/** Raises the soft limit of open files to the hard one; what checks may use of it. */
export function socketBudget(): number {
  const limit = getResourceLimit(RLIMIT_NOFILE);
  if (typeof limit === 'number') return LEAST;
  const raised =
    limit.soft < limit.hard && setResourceLimit(RLIMIT_NOFILE, { ...limit, soft: limit.hard }) === 0;
  const files = raised ? limit.hard : limit.soft;
  return Math.min(MOST, Math.max(LEAST, files - RESERVED));
}
