/**
 * What random tests draw from. They draw anew in each run, and a failure names the seed that repeats it as FUZZ_SEED; under CI, where
 * a failure is to come of what has changed, they draw the same each time.
 */
import fc from 'fast-check';

const ROAMING = Date.now() % 1_000_000;

export const SEED = Number(process.env.FUZZ_SEED ?? (process.env.CI ? 1 : ROAMING));

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
