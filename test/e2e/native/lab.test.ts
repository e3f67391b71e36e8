import assert from 'node:assert/strict';
import { useLab } from '../lab.js';

describe('lab in namespaces', () => {
  const lab = useLab('native', { hosts: ['client', 'd1', 'rs1', 'sorry'] });

  it('runs a command in a host and gives its output, its errors and its exit code', async () => {
    const result = await lab().host('d1').run(['sh', '-c', 'hostname; echo oops >&2; exit 3']);
    assert.deepEqual(result, { code: 3, stdout: 'd1\n', stderr: 'oops\n' });
  });

  it('says which program could not be started', async () => {
    await assert.rejects(lab().host('d1').output(['no-such-program']), /no-such-program/);
  });

  it('feeds a program its input and hands on its output as it comes', async () => {
    let heard = '';
    const onStdout = (text: string) => {
      heard += text;
    };
    const cat = await lab().host('client').spawn(['cat'], { onStdout });
    cat.write('one\n');
    while (heard === '') await new Promise(setImmediate);
    assert.equal(heard, 'one\n');
    cat.end();
    assert.equal(await cat.exited, 0);
  });

  it('ends a program by signal, and a slow one at its deadline', async () => {
    const sleep = await lab().host('client').spawn(['sleep', '60']);
    sleep.kill('SIGTERM');
    assert.equal(await sleep.exited, 128 + 15);
    await assert.rejects(
      lab().host('client').run(['sleep', '60'], { timeoutMs: 200 }),
      /not finished after 200 ms/,
    );
  });

  it('runs many commands at the same time', async () => {
    const runs = Array.from({ length: 30 }, (_, n) =>
      lab()
        .host('d1')
        .output(['sh', '-c', `sleep 0.2; echo ${n}`]),
    );
    assert.deepEqual(
      await Promise.all(runs),
      Array.from({ length: 30 }, (_, n) => `${n}\n`),
    );
  });

  it('carries a megabyte of output whole', async () => {
    const text = await lab().host('d1').output(['sh', '-c', 'yes 0123456789 | head -c 1000000']);
    assert.equal(text.length, 1_000_000);
  });

  it('gives each host a /run of its own', async () => {
    await lab().host('d1').write('/run/deep/file', 'mine');
    assert.equal(await lab().host('d1').output(['cat', '/run/deep/file']), 'mine');
    assert.equal((await lab().host('rs1').run(['cat', '/run/deep/file'])).code, 1);
  });

  it('serves pages that name their server, by both families, until the server is stopped', async () => {
    const page = (address: string) =>
      lab()
        .host('client')
        .run(['curl', '-s', '-m', '5', `http://${address}/`]);
    assert.equal((await page('10.0.0.11')).stdout, 'This is rs1.\n');
    assert.match((await page('[fd00::20]')).stdout, /^Sorry/);
    await lab().stopServer('rs1');
    assert.equal((await page('10.0.0.11')).code, 7, 'refused');
    await lab().startServer('rs1');
    assert.equal((await page('10.0.0.11')).stdout, 'This is rs1.\n');
  });

  it('cuts a host off and mends it', async () => {
    const ping = () => lab().host('client').run(['ping', '-c1', '-W1', '10.0.0.2']);
    assert.equal((await ping()).code, 0);
    await lab().cut('d1');
    assert.match(await lab().host('d1').output(['ip', '-o', 'link', 'show', 'eth0']), /NO-CARRIER/);
    assert.notEqual((await ping()).code, 0);
    await lab().mend('d1');
    assert.equal((await ping()).code, 0);
  });

  it("finds a host's processes by title", async () => {
    const sleep = await lab().host('client').spawn(['sleep', '61']);
    let found: number[] = [];
    // A program has its title once it has replaced the one that brought it into the host.
    while (found.length === 0) found = await lab().host('client').pids('sleep');
    assert.deepEqual(found, [sleep.pid]);
    assert.deepEqual(await lab().host('d1').pids('sleep'), []);
    sleep.kill();
  });

  it('has a director ask real servers from its own addresses, not from the VIPs it holds', async () => {
    for (const [server, own] of [
      ['10.0.0.11', '10.0.0.2'],
      ['fd00::11', 'fd00::2'],
    ] as const) {
      assert.match(await lab().host('d1').output(['ip', 'route', 'get', server]), new RegExp(` src ${own} `));
    }
  });
});
