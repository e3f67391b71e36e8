/** What a director promises its clients and its operator, on a real kernel. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../lab/daemon.js';
import type { TableService } from '../../../lab/ipvs.js';
import { Load } from '../../../lab/load.js';
import { root } from '../../../lab/paths.js';
import { serving } from '../../../lab/serving.js';
import { Story } from '../../../lab/story.js';
import { failuresOutside, summarise } from '../../../lab/summary.js';
import { VIP } from '../../../lab/topology.js';
import { openVerdict } from '../../../lab/verdict.js';
import { Watch } from '../../../lab/watch.js';
import { useLab } from '../lab.js';

const SOON_MS = 150_000;
/** The table is read back every 8 s. */
const MINUTE_MS = 60_000;
const POOL = ['rs1', 'rs2', 'rs3'] as const;
/** Slower and more patient than the story's client: what is claimed here is that nothing fails, however slow the machine. */
const GENTLE = { rate: 20, deadlineMs: 20_000 };

const complete = (table: readonly TableService[]) =>
  serving(table, POOL) && table.length === 2 && table.every(({ servers }) => servers.length === POOL.length);

describe('a pair of directors under load', () => {
  const lab = useLab('vm', { vips: false });

  it('keeps every promise while servers and directors die and return', async function () {
    this.timeout(900_000);
    const verdict = openVerdict(await new Story(lab(), () => {}, GENTLE).tell());
    assert.ok(verdict.held, verdict.lines.join('\n'));
  });
});

describe('a director whose processes are killed', () => {
  const lab = useLab('vm');
  let watch: Watch;
  let load: Load;

  before(async function () {
    this.timeout(SOON_MS * 2);
    watch = await Watch.start(lab().host('d1'));
    await Daemon.start(lab().host('d1'), { file: 'etc/lab.conf' });
    await watch.until('complete', complete, SOON_MS);
    load = await Load.start(lab().host('client'), GENTLE);
  });

  it('has lvsd-lvs back, with the table as it was and no count lost', async () => {
    const [before] = await lab().host('d1').pids('lvsd-lvs');
    assert.ok(before !== undefined);
    const seen = watch.sightings.length;
    const counted = await connections();
    await lab()
      .host('d1')
      .output(['kill', '-KILL', String(before)]);
    const after = await nextPid('lvsd-lvs', before);
    assert.notEqual(after, before);
    assert.deepEqual(watch.sightings.slice(seen), [], 'the table never changed');
    assert.ok((await connections()) >= counted, 'connections are counted on');
  });

  it('serves on when lvsd itself is killed, and a new one takes over', async () => {
    const [supervisor] = await lab().host('d1').pids('lvsd');
    assert.ok(supervisor !== undefined);
    const seen = watch.sightings.length;
    await lab()
      .host('d1')
      .output(['kill', '-KILL', String(supervisor)]);
    assert.equal((await lab().host('d1').pids('lvsd-lvs')).length, 1, 'the checks go on');
    const lvsd = await Daemon.start(lab().host('d1'), { file: 'etc/lab.conf' });
    await until('adopted', async () => (await statusOf(lvsd))?.supervised === true);
    assert.equal((await lab().host('d1').pids('lvsd-lvs')).length, 1, 'one takes over from the other');
    assert.deepEqual(watch.sightings.slice(seen), [], 'the table never changed');
  });

  it('has failed no request in all that', async () => {
    const requests = await load.stop();
    const { requests: count, servers } = summarise(requests);
    assert.ok(count > 0);
    assert.deepEqual(failuresOutside(requests, []), []);
    assert.deepEqual(Object.keys(servers), [...POOL]);
  });

  after(() => watch?.stop());

  async function connections(): Promise<number> {
    const text = await lab()
      .host('d1')
      .output(['ipvsadm', '-Ln', '--stats', '--exact', '-t', `${VIP.v4}:80`]);
    return Number(/^TCP +\S+ +(\d+)/m.exec(text)?.[1]);
  }

  async function nextPid(title: string, old: number): Promise<number | undefined> {
    let found: number | undefined;
    await until(`another ${title}`, async () => {
      [found] = (await lab().host('d1').pids(title)).filter((pid) => pid !== old);
      return found !== undefined;
    });
    return found;
  }
});

describe('a director and its operator', () => {
  const lab = useLab('vm');
  const FILE = '/run/lvsd.conf';
  const sample = readFileSync(join(root, 'etc/lab.conf'), 'utf8');
  let watch: Watch;
  let lvsd: Daemon;

  before(async function () {
    this.timeout(SOON_MS * 2);
    await lab().host('d1').write(FILE, sample);
    watch = await Watch.start(lab().host('d1'));
    lvsd = await Daemon.start(lab().host('d1'), { file: FILE });
    await watch.until('complete', complete, SOON_MS);
  });

  after(() => watch?.stop());

  it('puts back what ipvsadm -C removed, and tells of it', async () => {
    const seen = watch.sightings.length;
    const isEmpty = (table: readonly TableService[]) => table.length === 0;
    // What is held up may not see the empty table: that there was one is then told by status alone.
    const cleared = watch.until('cleared', isEmpty, SOON_MS).catch(() => undefined);
    await lab().host('d1').output(['ipvsadm', '-C']);
    await cleared;
    const { at } = await watch.until('back', complete, SOON_MS);
    const gone = watch.sightings.slice(seen).findLast(({ table }) => isEmpty(table));
    assert.ok(gone === undefined || at - gone.at <= MINUTE_MS, `${at - (gone?.at ?? 0)} ms`);
    const told = await lab().host('d1').output(['lvsd', 'status']);
    assert.match(told, /changed by another hand .* put right; .*(10\.0\.0\.100|fd00::64)/);
  });

  it('goes on with the old file when the new one is bad, and says where it is bad', async () => {
    const seen = watch.sightings.length;
    await lab().host('d1').write(FILE, sample.replace('lb_algo wrr', 'lb_algo wrrr'));
    await lvsd.signal('HUP');
    await until('told of', async () => ((await statusOf(lvsd))?.lastReload?.errors.length ?? 0) > 0);
    const { lastReload } = await lvsd.status();
    assert.match(lastReload?.errors[0] ?? '', /\/run\/lvsd\.conf:\d+:\d+: error: .*wrrr/);
    assert.deepEqual(watch.sightings.slice(seen), [], 'the table never changed');
    assert.equal((await lab().host('d1').pids('lvsd-lvs')).length, 1);
  });

  it('takes a good file over and keeps what still applies', async () => {
    const before = (await lvsd.status()).virtualServers.flatMap(({ realServers }) => realServers);
    await lab()
      .host('d1')
      .write(FILE, sample.replace(/ {4}real_server 10\.0\.0\.13[\s\S]*?\n {4}\}\n/, ''));
    await lvsd.signal('HUP');
    await watch.until('without rs3', (table) => serving(table, ['rs1', 'rs2']), SOON_MS);
    const after = (await lvsd.status()).virtualServers.flatMap(({ realServers }) => realServers);
    assert.equal(after.length, before.length - 1);
    for (const { id, since } of after) {
      assert.equal(since, before.find((server) => server.id === id)?.since, `${id} is up since when it was`);
    }
  });

  it('cleans up when it is told to stop', async () => {
    assert.ok(await lvsd.stop(), 'it stops');
    await watch.until('empty', (table) => table.length === 0, SOON_MS);
    assert.deepEqual(await lab().host('d1').pids('lvsd-lvs'), []);
    const asked = await lab().host('d1').run(['lvsd', 'status']);
    assert.equal(asked.code, 1);
    assert.match(asked.stderr, /no lvsd runs/);
  });
});

describe('two directors, each with its own state directory', () => {
  const lab = useLab('vm');

  it('each keep their own table and answer for themselves', async function () {
    this.timeout(SOON_MS * 3);
    const starts = (['d1', 'd2'] as const).map((name) =>
      Daemon.start(lab().host(name), { file: 'etc/lab.conf', stateDir: `/tmp/lvsd-${name}` }),
    );
    const [one, two] = await Promise.all(starts);
    assert.ok(one && two);
    for (const daemon of [one, two]) {
      const watch = await Watch.start(daemon.host);
      await watch.until('complete', complete, SOON_MS);
      watch.stop();
    }
    assert.notEqual((await one.status()).pid, (await two.status()).pid);
    assert.ok(await one.stop(), 'it stops');
    assert.doesNotMatch(await lab().host('d1').output(['ipvsadm', '-Ln']), /10\.0\.0\.100/);
    assert.match(await lab().host('d2').output(['ipvsadm', '-Ln']), /10\.0\.0\.100/);
    assert.equal((await two.status()).virtualServers.length, 2);
  });
});

async function statusOf(lvsd: Daemon) {
  return lvsd.status().catch(() => undefined);
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`not ${what} after ${SOON_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
