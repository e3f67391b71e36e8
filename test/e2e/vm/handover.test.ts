/**
 * What two directors promise their clients while the addresses move from one to the other, on a real kernel, by direct routing: there
 * a director sees only what the client says. By NAT the story of `npm start` tells the same (director.test.ts).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../../lab/host.js';
import { Load } from '../../../lab/load.js';
import { DIRECTORS, type DirectorName, Pair } from '../../../lab/pair.js';
import { root } from '../../../lab/paths.js';
import type { Asked } from '../../../lab/request.js';
import { serving } from '../../../lab/serving.js';
import { failuresOutside, type Span, summarise } from '../../../lab/summary.js';
import { VIP } from '../../../lab/topology.js';
import { useLab } from '../lab.js';

const SOON_MS = 120_000;
const FILE = '/run/lvsd.conf';
const CONF = readFileSync(join(root, 'etc/lab.conf'), 'utf8').replaceAll('lb_kind NAT', 'lb_kind DR');

/** Clients that ask and leave, and such that stay for 8 seconds: there are always some who came before a move and leave after it. */
class Clients {
  private constructor(private readonly loads: readonly Load[]) {}

  static async start(host: Host): Promise<Clients> {
    const passing = Load.start(host, { rate: 50, deadlineMs: 30_000 });
    const staying = Load.start(host, { rate: 2, path: '/slow', deadlineMs: 60_000 });
    return new Clients(await Promise.all([passing, staying]));
  }

  async now(): Promise<number> {
    const [{ at } = { at: 0 }] = await Promise.all(this.loads.map((load) => load.mark('now')));
    return at;
  }

  async stop(): Promise<readonly Asked[]> {
    const [passing = [], staying = []] = await Promise.all(this.loads.map((load) => load.stop()));
    assert.ok(summarise(passing).answered > 0 && summarise(staying).answered > 0, 'both kinds were answered');
    return [...passing, ...staying];
  }
}

describe('two directors', function () {
  this.timeout(SOON_MS * 5);
  const lab = useLab('vm', { vips: false });
  let pair: Pair;

  before(async () => {
    await Promise.all(DIRECTORS.map((name) => lab().host(name).write(FILE, CONF)));
    pair = await Pair.start(lab(), FILE);
    await pair.tables('complete', (table) => serving(table, ['rs1', 'rs2', 'rs3']));
    await pair.master('d1');
  });

  after(() => pair?.leave());

  it('no request is lost in a planned move; a download outlives all of them, and a cut cable', async () => {
    const client = lab().host('client');
    const download = await Download.start(client);
    const clients = await Clients.start(client);
    const moves: object[] = [];
    const move = async (to: DirectorName, act: () => Promise<unknown>): Promise<number> => {
      await download.goesOn();
      const askedAt = await clients.now();
      await act();
      const at = await pair.master(to);
      moves.push({ to, askedAt, at, overAt: await clients.now() });
      return at;
    };
    await move('d2', () => pair.handOver('d1'));
    await move('d1', () => pair.handOver('d1', '--back'));
    await until('d2 knows of the download', () => knows(lab().host('d2'), Download.PORT));
    const from = await clients.now();
    const gap: Span = { from, to: await move('d2', () => lab().cut('d1')) };
    await move('d1', () => lab().mend('d1'));
    await move('d2', () => pair.stop('d1'));
    await download.goesOn();
    const lost = failuresOutside(await clients.stop(), [gap]);
    assert.equal(
      lost.length,
      0,
      JSON.stringify({ lost, moves, log: await pair.daemon('d2').log() }, null, 1),
    );
    for (const name of DIRECTORS) {
      assert.equal(await lab().host(name).output(['sysctl', '-n', 'net.ipv4.vs.conn_reuse_mode']), '1\n');
    }
  });
});

/** A page that takes minutes. */
class Download {
  static readonly PORT = 40_000;
  private constructor(private readonly client: Host) {}

  static async start(client: Host): Promise<Download> {
    const argv = [
      'curl',
      '-sN',
      '--local-port',
      `${Download.PORT}`,
      '-o',
      '/run/long',
      `http://${VIP.v4}/long`,
    ];
    await client.spawn(argv);
    return new Download(client);
  }

  /** Waits until more of it has come than there was. */
  async goesOn(): Promise<void> {
    const before = await this.bytes();
    await until(`the download goes on after ${before} bytes`, async () => (await this.bytes()) > before + 30);
  }

  private async bytes(): Promise<number> {
    // Nothing has come while there is no file.
    const { code, stdout } = await this.client.run(['stat', '-c', '%s', '/run/long']);
    return code === 0 ? Number(stdout) : 0;
  }
}

/** Whether a director's kernel knows of the client's connection from a port. */
async function knows(director: Host, port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return (await director.output(['cat', '/proc/net/ip_vs_conn'])).includes(` ${hex} `);
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`not within ${SOON_MS} ms: ${what}`);
    await sleep(200);
  }
}
