/** A system call or kernel request that failed, as a value: expected failures are answers, not exceptions. */
import { getSystemErrorMap, getSystemErrorName } from 'node:util';

const words = getSystemErrorMap();

/** What was tried (`add address`), on what (`10.0.0.1/24 on eth0`), and what the kernel said to it. */
export class SystemError {
  constructor(
    readonly operation: string,
    readonly operand: string,
    /** `EEXIST`, `ENODEV` … */
    readonly code: string,
    /** The kernel's own words where it gave some, otherwise what the code means. */
    readonly reason: string,
  ) {}

  toString(): string {
    return `${this.operation} "${this.operand}": ${this.code}: ${this.reason}`;
  }
}

/** The error of a call that answered minus errno. */
export function systemError(operation: string, operand: string, result: number, reason = ''): SystemError {
  const code = getSystemErrorName(result);
  return new SystemError(operation, operand, code, reason || (words.get(result)?.[1] ?? `error ${-result}`));
}
