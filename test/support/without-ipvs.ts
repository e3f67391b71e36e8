/**
 * Loaded before lvsd's processes: everything is as it is but for IPVS, which is left alone. Such a daemon runs on a kernel that
 * has none.
 */
import { register } from 'node:module';

/** A wrapper for a `Daemon`. */
export const WITHOUT_IPVS: readonly string[] = ['env', `NODE_OPTIONS=--import=${import.meta.url}`];

const kernel = new URL('../../src/processes/kernel.js', import.meta.url).href;
const instead = moduleOf(`
  export { dryKernel, dryKernel as kernelWhenNeeded } from ${JSON.stringify(kernel)};
`);
const hooks = moduleOf(`
  export async function resolve(name, context, next) {
    const found = await next(name, context);
    const swap = found.url === ${JSON.stringify(kernel)} && context.parentURL !== ${JSON.stringify(instead)};
    return swap ? { ...found, url: ${JSON.stringify(instead)} } : found;
  }
`);
if (process.env.NODE_OPTIONS?.includes(import.meta.url)) register(hooks);

function moduleOf(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
