/** Waiting for what becomes true step by step. */
export type Until = {
  /** Resolves when the condition holds: at once, or at a later `look`. */
  readonly holds: (condition: () => boolean) => Promise<void>;
  /** Something has changed. */
  readonly look: () => void;
};

export function createUntil(): Until {
  const waiters = new Set<() => void>();
  return {
    holds: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      }),
    look: () => {
      for (const look of waiters) look();
    },
  };
}
