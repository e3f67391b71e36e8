/** The programs of the children, before they are given anything to do. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild } from '../../src/processes/messages.js';

describe('a child that is asked for a sign of life', () => {
  for (const name of ['lvs', 'vrrp']) {
    it(`lvsd-${name} answers, each time`, async () => {
      const child = fork(fileURLToPath(new URL(`../../src/processes/${name}-main.js`, import.meta.url)));
      const heard: FromChild['kind'][] = [];
      try {
        await new Promise<void>((resolve) => {
          child.on('message', ({ kind }: FromChild) => {
            if (heard.push(kind) === 3) resolve();
            else child.send({ kind: 'hail' } satisfies ToChild);
          });
        });
      } finally {
        child.kill('SIGKILL');
      }
      assert.deepEqual(heard, ['loaded', 'here', 'here']);
    }).timeout(20_000);
  }
});
