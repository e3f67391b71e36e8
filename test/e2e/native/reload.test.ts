/** `lvsd reload` against a whole daemon: the answer is what became of the file, and comes when it has. */
import assert from 'node:assert/strict';
import { Daemon } from '../../support/daemon.js';

const good = (weight: number) => `virtual_server 127.77.1.100 80 {
  protocol TCP
  lb_algo wlc
  lb_kind NAT
  real_server 127.77.1.1 80 {
    weight ${weight}
  }
}\n`;

describe('lvsd reload', () => {
  let daemon: Daemon;

  beforeEach(async () => {
    daemon = new Daemon();
    daemon.configure(good(1));
    daemon.start('--dry-run');
    await daemon.until(({ virtualServers }) => virtualServers.length === 1);
  });
  afterEach(() => daemon.dispose());

  async function weight(): Promise<number | undefined> {
    return (await daemon.status()).virtualServers[0]?.realServers[0]?.weight;
  }

  it('ends with 0 when the file is in force, not before', async () => {
    daemon.configure(good(7));
    assert.deepEqual(await daemon.command('reload'), { code: 0, output: 'reload: done\n' });
    assert.equal(await weight(), 7);
  });

  it('ends with 1 and every error at its place when the file is refused, and nothing has changed', async () => {
    daemon.configure(`${good(7)}virtual_server 127.77.1.100 81 {\n  lb_algo rrr\n}\n`);
    const { code, output } = await daemon.command('reload');
    assert.equal(code, 1);
    assert.match(output, /lvsd\.conf:10:11: error: lb_algo "rrr"/);
    assert.match(output, /reload: refused, \d+ error\(s\)/);
    assert.equal(await weight(), 1);
  });

  it('an emptied file is refused: nothing is handed over, and what runs goes on', async () => {
    for (const text of ['', 'root:x:0:0:root:/root:/bin/bash\n']) {
      daemon.configure(text);
      const { code, output } = await daemon.command('reload');
      assert.equal(code, 1, output);
      assert.match(output, /lvsd\.conf:1:1: error: nothing to do in /);
      assert.equal(await weight(), 1);
    }
  });

  it('tells of what may not be meant, and takes the file', async () => {
    daemon.configure(`${good(7)}globl_defs {\n}\n`);
    const { code, output } = await daemon.command('reload');
    assert.equal(code, 0);
    assert.match(output, /lvsd\.conf:9:1: warning: .*globl_defs/);
    assert.equal(await weight(), 7);
  });

  it('ends with 1 when the supervisor is gone, and when nobody is there at all', async () => {
    process.kill(daemon.pid('lvsd') ?? assert.fail(), 'SIGKILL');
    await daemon.until(({ supervised }) => !supervised);
    const orphaned = await daemon.command('reload');
    assert.equal(orphaned.code, 1);
    assert.match(orphaned.output, /reload: the supervisor is gone/);
    process.kill(daemon.pid('lvsd-lvs') ?? assert.fail(), 'SIGKILL');
    const alone = await daemon.command('reload');
    assert.equal(alone.code, 1);
    assert.match(alone.output, /reload: .*no lvsd runs with this state directory/);
  });
});
