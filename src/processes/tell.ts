/** What a child process says to the supervisor. */
import type { FromChild } from './messages.js';

/** False when there is nobody to tell. A supervisor killed this moment is only found out by writing: that is no error either. */
export function tell(message: FromChild): boolean {
  if (!process.connected) return false;
  process.send?.(message, undefined, undefined, () => {});
  return true;
}
