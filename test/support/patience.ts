/** How long a test waits for what must come, unless it says more: no claim on how quick anything is. */
export const PATIENCE_MS = 45_000;
