/** How to print. */

/** Escape sequences are for people at a terminal who want them (no-color.org). */
export function onTerminal(): boolean {
  return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
}
