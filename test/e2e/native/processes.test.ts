/** The processes of a dry run on this machine: who comes back, what is remembered, what a signal does. */
import assert from 'node:assert/strict';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { eventually } from '../../support/namespaces.js';

const LIVING = '127.77.0.1';
const DEAD = '127.77.0.2';

function configuration(port: number, { extra = '' } = {}): string {
  return `virtual_server 127.77.0.100 80 {
    protocol TCP
    lb_algo wlc
    lb_kind NAT
    delay_loop 0.2
    real_server ${LIVING} ${port} { TCP_CHECK { connect_timeout 1 } }
    real_server ${DEAD} ${port} {
      weight 2
      TCP_CHECK {
        connect_timeout 1
        retry 0
        warmup 0
      }
    }
    ${extra}
  }\n`;
}

describe('processes of lvsd', () => {
  let daemon: Daemon;
  let server: Server;
  let port = 0;

  const [upId, downId] = [() => `${LIVING}:${port}`, () => `${DEAD}:${port}`];

  before((done) => {
    server = createServer((socket) => socket.destroy()).listen(0, LIVING, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') port = address.port;
      done();
    });
  });
  after(() => server.close());
  beforeEach(() => {
    daemon = new Daemon();
    daemon.configure(configuration(port));
  });
  afterEach(() => daemon.dispose());

  async function started(): Promise<void> {
    daemon.start('--dry-run');
    await daemon.until(({ virtualServers: [pool] }) => pool?.realServers.some(({ up }) => !up) ?? false);
  }

  async function serverStates(): Promise<Record<string, boolean>> {
    const { virtualServers } = await daemon.status();
    return Object.fromEntries(
      virtualServers.flatMap((pool) => pool.realServers).map(({ id, up }) => [id, up]),
    );
  }

  it('check the servers and say why one is down', async () => {
    await started();
    const { virtualServers, dryRun } = await daemon.status();
    assert.equal(dryRun, true);
    const [up, down] = virtualServers[0]?.realServers ?? [];
    assert.equal(up?.up, true);
    assert.deepEqual(down?.reasons, ['TCP_CHECK: connection refused']);
  });

  it('a killed lvs process is back and remembers who is down, since when and why', async () => {
    await started();
    const before = await daemon.status();
    const pid = daemon.pid('lvsd-lvs') ?? assert.fail();
    await daemon.hasSaved('connection refused');
    process.kill(pid, 'SIGKILL');
    const after = await daemon.until((status) => status.pid !== pid);
    const [, was] = before.virtualServers[0]?.realServers ?? [];
    const [, is] = after.virtualServers[0]?.realServers ?? [];
    assert.deepEqual([is?.up, is?.since, is?.reasons], [false, was?.since, was?.reasons]);
  });

  it('a killed supervisor leaves the checks going on, and the next one takes over', async () => {
    await started();
    const orphan = daemon.pid('lvsd-lvs') ?? assert.fail();
    process.kill(daemon.pid('lvsd') ?? assert.fail(), 'SIGKILL');
    const alone = await daemon.until(({ supervised }) => !supervised);
    assert.equal(alone.pid, orphan);
    daemon.start('--dry-run');
    const taken = await daemon.until(({ supervised }) => supervised);
    assert.notEqual(taken.pid, orphan);
    assert.deepEqual(await serverStates(), { [upId()]: true, [downId()]: false });
  });

  it('a second daemon with the same state directory is refused', async () => {
    await started();
    const pid = daemon.pid('lvsd');
    const second = daemon.start('--dry-run');
    await new Promise((resolve) => second.once('exit', resolve));
    assert.equal(second.exitCode, 1);
    await eventually('the log', () => daemon.log.includes('runs already with the state directory'));
    assert.equal(daemon.pid('lvsd'), pid);
    process.kill(pid ?? assert.fail(), 'SIGTERM');
  });

  it('SIGHUP takes in a new file and keeps the state of what stays', async () => {
    await started();
    const before = await daemon.status();
    daemon.configure(configuration(port, { extra: `real_server 127.77.0.3 ${port} { weight 3 }` }));
    daemon.signal('SIGHUP');
    const after = await daemon.until(({ virtualServers }) => virtualServers[0]?.realServers.length === 3);
    assert.equal(
      after.virtualServers[0]?.realServers[1]?.since,
      before.virtualServers[0]?.realServers[1]?.since,
    );
    assert.equal(after.virtualServers[0]?.realServers[2]?.up, true);
    assert.deepEqual(
      (await daemon.until(({ lastReload }) => lastReload !== undefined)).lastReload?.errors,
      [],
    );
  });

  it('SIGHUP refuses a bad file, tells where it is wrong, and goes on with the one before', async () => {
    await started();
    daemon.configure('virtual_server 127.77.0.100 80 {\n  lb_algo rrr\n}\n');
    daemon.signal('SIGHUP');
    const { lastReload } = await daemon.until((status) => status.lastReload !== undefined);
    assert.match(lastReload?.errors[0] ?? '', /lvsd\.conf:2:11: error: lb_algo "rrr"/);
    assert.deepEqual(await serverStates(), { [upId()]: true, [downId()]: false });
    await eventually('the log', () => daemon.log.includes('the running configuration goes on'));
  });

  it('SIGTERM ends all processes with 0 and leaves nothing in the state directory', async () => {
    await started();
    const lvs = daemon.pid('lvsd-lvs') ?? assert.fail();
    daemon.signal('SIGTERM');
    assert.equal(await daemon.ended(), 0);
    assert.throws(() => process.kill(lvs, 0));
    for (const name of ['lvs.json', 'lvsd.sock', 'lvsd.pid', 'lvsd-lvs.pid']) {
      assert.throws(() => statSync(join(daemon.directory, name)), /ENOENT/, name);
    }
  });

  it('SIGQUIT ends all processes and leaves what the next run needs to go on, as an upgrade wants it', async () => {
    await started();
    const before = await daemon.status();
    daemon.signal('SIGQUIT');
    assert.equal(await daemon.ended(), 0);
    daemon.start('--dry-run');
    const after = await daemon.until((status) => status.pid !== before.pid);
    assert.equal(
      after.virtualServers[0]?.realServers[1]?.since,
      before.virtualServers[0]?.realServers[1]?.since,
    );
  });

  it('a bad file is not started: exit code 2, every error with its place', async () => {
    daemon.configure('virtual_server 127.77.0.100 80 {\n  lb_algo rrr\n  quorum x\n}\n');
    daemon.start('--dry-run');
    assert.equal(await daemon.ended(), 2);
    const places = [/lvsd\.conf:2:11: error/, /lvsd\.conf:3:10: error/];
    await eventually('both places', () => places.every((place) => place.test(daemon.log)));
  });

  it('a state directory without room for a number stops nothing: a killed process is back, and told of once', async () => {
    await started();
    const pid = daemon.pid('lvsd-lvs') ?? assert.fail();
    symlinkSync('/dev/full', join(daemon.directory, 'lvsd-lvs.pid.new'));
    process.kill(pid, 'SIGKILL');
    const after = await daemon.until((status) => status.pid !== pid);
    assert.equal(after.supervised, true);
    assert.equal(daemon.log.match(/cannot write to the state directory .*ENOSPC/g)?.length, 1);
    process.kill(after.pid, 'SIGKILL');
    await daemon.until((status) => status.pid !== after.pid);
    assert.equal(daemon.log.match(/cannot write to the state directory/g)?.length, 1);
    daemon.signal('SIGTERM');
    assert.equal(await daemon.ended(), 0);
  });

  it('a state directory that somebody took away is there again, with the numbers and the socket', async () => {
    await started();
    const pids = [daemon.pid('lvsd'), daemon.pid('lvsd-lvs')];
    // lvsd may write while it is emptied.
    rmSync(daemon.directory, { recursive: true, maxRetries: 20, retryDelay: 10 });
    await daemon.until(({ pid }) => pid === pids[1] && daemon.pid('lvsd') === pids[0]);
    assert.equal(daemon.pid('lvsd-lvs'), pids[1]);
  });

  it('a state directory that cannot be one is said in one line, without a trace, and nothing is started', async () => {
    const place = join(daemon.directory, 'file');
    writeFileSync(place, '');
    daemon.start('--dry-run', '--state-dir', join(place, 'below'));
    assert.equal(await daemon.ended(), 1);
    const said = /run: cannot use the state directory .*file\/below: ENOTDIR/;
    await eventually('it is said', () => said.test(daemon.log));
    assert.doesNotMatch(daemon.log, /^\s+at /m);
    assert.equal(daemon.log.trim().split('\n').length, 1, daemon.log);
  });

  it('an lvs process that is stopped is told of, killed and started again, and remembers who is down', async function () {
    this.timeout(240_000);
    await started();
    const before = await daemon.status();
    await daemon.hasSaved('connection refused');
    process.kill(before.pid, 'SIGSTOP');
    const after = await daemon.until((status) => status.pid !== before.pid, 200_000);
    assert.match(daemon.log, /lvsd-lvs hangs: it has not answered for \d+ s/);
    assert.match(daemon.log, /lvsd-lvs has not answered for \d+ s: killed/);
    const [, was] = before.virtualServers[0]?.realServers ?? [];
    const [, is] = after.virtualServers[0]?.realServers ?? [];
    assert.deepEqual([is?.up, is?.since], [false, was?.since]);
  });
});
