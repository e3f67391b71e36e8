/** `lvsd run` on a host where keepalived is at work. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { eventually, withNetwork } from '../../support/namespaces.js';

const WARNING = /keepalived runs here as well \(process (\d+)\): .*systemctl disable --now keepalived/;

describe('lvsd run beside keepalived', () => {
  it('warns of one in its own network namespace, and of no other; a dry run changes nothing and does not', async () => {
    await withNetwork(['a', 'b'], async ({ host }) => {
      const daemons = ['a', 'b'].map((name) => new Daemon(host(name).namespace));
      const [a = assert.fail(), b = assert.fail()] = daemons;
      const program = join(a.directory, 'keepalived');
      copyFileSync('/bin/sleep', program);
      chmodSync(program, 0o755);
      const keepalived = host('a').start(`${program} 60`);
      try {
        await eventually('it runs', () => host('a').run('ps -e -o comm').includes('keepalived'));
        // An empty file is refused: nothing is started that would have to be ended.
        for (const daemon of daemons) daemon.configure('');
        const log = async (daemon: Daemon, ...words: string[]) => {
          const before = daemon.log.length;
          daemon.start(...words);
          assert.equal(await daemon.ended(), 2);
          return daemon.log.slice(before);
        };
        assert.doesNotMatch(await log(a, '--dry-run'), WARNING);
        assert.doesNotMatch(await log(b), WARNING);
        assert.equal(WARNING.exec(await log(a))?.[1], String(keepalived.pid));
      } finally {
        keepalived.kill();
        await Promise.all(daemons.map((daemon) => daemon.dispose()));
      }
    });
  });
});
