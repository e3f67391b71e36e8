/** Gives an end-to-end test file a lab in the state of a new one. The lab is booted once for all files of a run. */
import { Lab, type LabOptions } from '../../lab/lab.js';
import { nativeProblem } from '../../lab/native.js';

let shared: Lab | undefined;

/**
 * Call it in a describe: before its tests run, every host is made anew, and whatever ran there is gone.
 * A file in test/e2e/vm gets a kernel with ip_vs, one in test/e2e/native this machine's, whatever that has.
 */
export function useLab(kind: 'vm' | 'native', options: Omit<LabOptions, 'kind' | 'say'> = {}): () => Lab {
  before(async function () {
    this.timeout(900_000);
    if (shared === undefined) shared = await Lab.start({ ...options, kind: await machineFor(kind), say });
    else await shared.reset(options);
  });
  return () => {
    if (shared === undefined) throw new Error('the lab is there only while tests run');
    return shared;
  };
}

async function machineFor(kind: 'vm' | 'native'): Promise<'vm' | 'native'> {
  return kind === 'vm' && (await nativeProblem(true)) !== undefined ? 'vm' : 'native';
}

function say(line: string): void {
  console.log(`    lab: ${line}`);
}
