import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, useFolder } from '../support/scripts.js';

const TELL = new URL('../../src/processes/tell.js', import.meta.url).href;

describe('processes/tell', () => {
  const folder = useFolder();

  it('outlives a supervisor that died before it could be noticed', async () => {
    const told = join(folder(), 'told');
    const child = join(folder(), 'child.mjs');
    // Held up while the supervisor dies, it finds the channel connected and broken.
    writeFileSync(
      child,
      `import { writeFileSync } from 'node:fs';
      import { tell } from ${JSON.stringify(TELL)};
      process.on('message', () => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
        const answer = tell({ kind: 'ready' });
        setTimeout(() => writeFileSync(${JSON.stringify(told)}, String(answer)), 100);
      });
      process.send('loaded');`,
    );
    const supervisor = join(folder(), 'supervisor.mjs');
    writeFileSync(
      supervisor,
      `import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(child)});
      child.on('message', () => child.send('go', () => process.kill(process.pid, 'SIGKILL')));`,
    );
    await once(spawn(process.execPath, [supervisor], { stdio: 'ignore' }), 'exit');
    // It is alive.
    await until(() => existsSync(told));
  });
});
