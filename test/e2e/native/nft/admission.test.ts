/**
 * Admission by this machine's own nftables, with real clients. Where a director has IPVS services for the two marks, here the
 * test's own table redirects them to two local servers, one that says "pool" and one that says "sorry".
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemClock } from '../../../../src/clock.js';
import type { Admission, AdmittedService, SessionSpace } from '../../../../src/nft/admission.js';
import { createNftClient, type NftClient } from '../../../../src/nft/client.js';
import { createKeeper, type Keeper } from '../../../../src/nft/keeper.js';
import { createNftProgram } from '../../../../src/nft/program.js';
import { createStatistics } from '../../../../src/nft/statistics.js';
import { admitted, space } from '../../../support/admissions.js';
import { eventually, type Host, type Network, withNetwork } from '../../../support/namespaces.js';

const PORT = { pool: 8001, sorry: 8002 } as const;
const CLIENTS = [1, 2, 3, 4, 5];
const VIP = { ipv4: '10.77.0.100', ipv6: 'fd77::64' } as const;

type Family = 'ipv4' | 'ipv6';

const run = promisify(execFile);

class Site {
  readonly director: Host;
  readonly client: Host;
  readonly nft: NftClient;
  readonly drifts: string[] = [];
  readonly errors: string[] = [];
  private readonly servers: Server[];
  private readonly keepers: Keeper[] = [];

  constructor(
    network: Network,
    readonly family: Family = 'ipv4',
  ) {
    this.director = network.host('director');
    this.client = network.host('client');
    const program = createNftProgram({ clock: systemClock, file: 'ip' });
    const enter = ['netns', 'exec', this.director.namespace, 'nft'];
    this.nft = createNftClient((command) => program({ ...command, args: [...enter, ...command.args] }));
    for (const address of Object.values(VIP)) this.addAddress(this.director, address);
    for (const n of CLIENTS) this.addAddress(this.client, this.addressOf(n));
    this.director.run('nft add table inet standin');
    this.nat('add chain inet standin prerouting { type nat hook prerouting priority dstnat; }');
    for (const [mark, port] of [
      [1000, PORT.pool],
      [1001, PORT.sorry],
    ] as const)
      this.nat(`add rule inet standin prerouting meta mark ${mark} meta l4proto tcp redirect to :${port}`);
    this.servers = (['pool', 'sorry'] as const).map((name) => this.serve(name));
  }

  addressOf(n: number): string {
    return this.family === 'ipv4' ? `10.77.0.${100 + n}` : `fd77:${n}::1`;
  }

  /** `client`: what it talks to nftables by. */
  keeper(client: NftClient = this.nft): Keeper {
    const keeper = createKeeper({
      client,
      clock: systemClock,
      onDrift: (lines) => this.drifts.push(...lines),
      onError: (error) => this.errors.push(error.message),
      onRecovery: () => {},
      passIntervalMs: 100,
    });
    this.keepers.push(keeper);
    return keeper;
  }

  /** Who answers client n at this port. */
  async ask(n: number, port = 80): Promise<string> {
    const host = this.family === 'ipv4' ? VIP.ipv4 : `[${VIP.ipv6}]`;
    const curl = ['curl', '-sSm', '30', '--interface', this.addressOf(n), `http://${host}:${port}/`];
    return (await run('ip', ['netns', 'exec', this.client.namespace, ...curl])).stdout;
  }

  /** Who answers each client, asked one after another. */
  async askAll(port = 80): Promise<string> {
    const answers: string[] = [];
    for (const n of CLIENTS) answers.push(await this.ask(n, port));
    return answers.join(' ');
  }

  async close(): Promise<void> {
    for (const keeper of this.keepers) await keeper.stop({ remove: false });
    for (const server of this.servers) server.close();
  }

  private serve(name: 'pool' | 'sorry'): Server {
    const server = createServer((_request, response) => response.end(name));
    this.director.enter(() => server.listen(PORT[name]));
    return server;
  }

  private addAddress(host: Host, address: string): void {
    host.run(`ip addr add ${address}/${address.includes(':') ? '16' : '24'} dev eth0`);
  }

  private nat(command: string): void {
    this.director.run(`nft ${command}`);
  }
}

const wish = (of: Partial<SessionSpace>, by: Partial<AdmittedService> = {}): Admission => ({
  spaces: [space(of)],
  services: [admitted({ endpoints: [{ address: VIP[of.family ?? 'ipv4'], port: 80 }], ...by })],
});

async function withSite(body: (site: Site) => Promise<void>, family: Family = 'ipv4'): Promise<void> {
  await withNetwork(['director', 'client'], async (network) => {
    const site = new Site(network, family);
    try {
      await body(site);
      assert.deepEqual(site.errors, []);
    } finally {
      await site.close();
    }
  });
}

async function want(keeper: Keeper, admission: Admission): Promise<void> {
  void keeper.want(admission);
  await keeper.settled();
}

describe('admission by nftables', () => {
  for (const family of ['ipv4', 'ipv6'] as const) {
    it(`${family}: three places, five clients: three in, two out, the same on return and after a restart of lvsd; room after the timeout`, () =>
      withSite(async (site) => {
        const admission = wish({ family, prefixLength: family === 'ipv4' ? 32 : 128, timeoutMs: 10_000 });
        const first = site.keeper();
        await want(first, admission);
        assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
        assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
        await first.stop({ remove: false });
        const second = site.keeper();
        await want(second, admission);
        assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
        const statistics = await createStatistics({ client: site.nft, clock: systemClock }).ask(admission);
        assert.deepEqual(statistics.spaces.get('shop'), { sessions: 3, free: 0 });
        assert.deepEqual(statistics.services.get('shop'), { admitted: 3, turnedAway: 6, transitions: 0 });
        // The third keeps coming back; the others' sessions end, and their places are free once the kernel has collected them.
        for (let count = 0; count < 6; count += 1) {
          await sleep(2500);
          assert.equal(await site.ask(3), 'pool');
        }
        assert.equal(await site.ask(4), 'pool');
        assert.equal(await site.ask(5), 'pool');
        assert.equal(await site.ask(1), 'sorry');
        assert.deepEqual(site.drifts, []);
        await second.stop({ remove: true });
        assert.doesNotMatch(site.director.run('nft list tables'), /lvsd/);
        assert.match(site.director.run('nft list tables'), /standin/);
      }, family));
  }

  it('places can be made more and fewer, and the time longer, without anybody losing one', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ timeoutMs: 60_000 }));
      assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
      await want(keeper, wish({ timeoutMs: 60_000, size: 4 }));
      assert.equal(await site.askAll(), 'pool pool pool pool sorry');
      await want(keeper, wish({ timeoutMs: 90_000, size: 2 }));
      assert.equal(await site.askAll(), 'pool pool pool pool sorry');
      const list = () => site.director.run('nft list set inet lvsd sessions_shop');
      assert.match(list(), /expires 1m\d+s/);
      assert.match(list(), /size 4/);
      site.director.run(
        `nft delete element inet lvsd sessions_shop { ${site.addressOf(1)}, ${site.addressOf(2)} }`,
      );
      assert.equal(await site.ask(5), 'sorry', 'two are in, and two may be');
      await eventually('two places', () => /size 2/.test(list()));
      site.director.run(`nft delete element inet lvsd sessions_shop { ${site.addressOf(3)} }`);
      assert.equal(await site.ask(5), 'pool');
      assert.equal(await site.ask(1), 'sorry');
      await keeper.stop({ remove: true });
    }));

  it('a closed door keeps newcomers out and those who are in, in; a shut one sends all away and keeps their places', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ timeoutMs: 60_000 }));
      assert.equal(await site.ask(1), 'pool');
      await want(keeper, wish({ timeoutMs: 60_000 }, { door: 'closed' }));
      assert.equal(await site.askAll(), 'pool sorry sorry sorry sorry');
      await want(keeper, wish({ timeoutMs: 60_000 }, { door: 'shut' }));
      assert.equal(await site.askAll(), 'sorry sorry sorry sorry sorry');
      await want(keeper, wish({ timeoutMs: 60_000, size: 3 }));
      assert.equal(await site.ask(5), 'pool');
      assert.equal(await site.askAll(), 'pool pool sorry sorry pool');
      await keeper.stop({ remove: true });
    }));

  it('two ports of one address and another service are one space, if they say so', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      const endpoints = [80, 81].map((port) => ({ address: VIP.ipv4, port }));
      const other = admitted({ name: 'other', endpoints: [{ address: VIP.ipv4, port: 82 }] });
      const { spaces, services } = wish({ timeoutMs: 60_000 }, { endpoints });
      await want(keeper, { spaces, services: [...services, other] });
      assert.equal(await site.ask(1, 80), 'pool');
      assert.equal(await site.ask(2, 81), 'pool');
      assert.equal(await site.ask(3, 82), 'pool');
      for (const port of [80, 81, 82])
        assert.equal(await site.askAll(port), 'pool pool pool sorry sorry', `${port}`);
      await keeper.stop({ remove: true });
    }));

  it('a connection that is at the sorry server takes no place by its further packets', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ timeoutMs: 60_000, size: 1 }));
      assert.equal(await site.ask(1), 'pool');
      const script = `exec 3<>/dev/tcp/${VIP.ipv4}/80; echo ready; read; echo >&3; sleep 0.1; exec 3>&-; sleep 0.1; echo done`;
      const waiting = spawn('ip', ['netns', 'exec', site.client.namespace, 'bash', '-c', script]);
      const said = () =>
        new Promise((resolve) => waiting.stdout.once('data', (text) => resolve(String(text))));
      assert.equal(await said(), 'ready\n');
      site.director.run('nft flush set inet lvsd sessions_shop');
      waiting.stdin.write('\n');
      assert.equal(await said(), 'done\n');
      assert.doesNotMatch(site.director.run('nft list set inet lvsd sessions_shop'), /elements/);
      await keeper.stop({ remove: true });
    }));

  it('a network counts as one client where the prefix says so', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ timeoutMs: 60_000, size: 1, prefixLength: 24 }));
      assert.equal(await site.askAll(), 'pool pool pool pool pool');
      assert.match(site.director.run('nft list set inet lvsd sessions_shop'), /10\.77\.0\.0 timeout/);
      await keeper.stop({ remove: true });
    }));

  it('what another hand changes is put right within a pass, with the sessions in it', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ timeoutMs: 60_000 }));
      assert.equal(await site.ask(1), 'pool');
      site.director.run('nft flush chain inet lvsd service_shop');
      await eventually('the drift is told', () => site.drifts.length > 0);
      await keeper.settled();
      assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
      assert.deepEqual(site.drifts, ['chain service_shop was changed: set back']);
      site.director.run('nft delete table inet lvsd');
      await eventually('it is told', () => site.drifts.at(-1) === 'the table was gone: added back');
      await keeper.settled();
      assert.equal(await site.askAll(), 'pool pool pool sorry sorry');
      await keeper.stop({ remove: true });
    }));

  it('who gives a sign of life while the sessions are copied keeps the place as long as ever', () =>
    withSite(async (site) => {
      const slow: NftClient = {
        ...site.nft,
        sessions: async (space, take) => {
          await site.nft.sessions(space, take);
          assert.equal(await site.ask(1), 'pool');
        },
      };
      const keeper = site.keeper(slow);
      await want(keeper, wish({ timeoutMs: 15_000, size: 1 }));
      assert.equal(await site.ask(1), 'pool');
      await sleep(10_000);
      await want(keeper, wish({ timeoutMs: 15_000, size: 2 }));
      assert.equal(await site.ask(2), 'pool');
      // Now the time is over that it had left before.
      await sleep(9000);
      assert.equal(await site.ask(3), 'sorry');
      assert.equal(await site.ask(1), 'pool');
      await keeper.stop({ remove: true });
    }));

  it('ten thousand sessions are carried over, each with the time it has left where that is longer', () =>
    withSite(async (site) => {
      const keeper = site.keeper();
      await want(keeper, wish({ size: 20_000, timeoutMs: 90_000 }));
      const elements = Array.from(
        { length: 10_000 },
        (_, n) => `10.9.${n >> 8}.${n & 255} timeout 20000s expires ${60 + n}s`,
      );
      await site.nft.apply(`add element inet lvsd sessions_shop { ${elements.join(', ')} }\n`);
      await want(keeper, wish({ size: 30_000, timeoutMs: 90_000 }));
      const found: string[] = [];
      await site.nft.sessions('shop', (some) => found.push(...some));
      assert.equal(found.length, 10_000);
      const listed = (address: string) => found.find((text) => text.startsWith(`${address} `)) ?? '';
      // Listed some seconds after they were given 1 min and 2 min.
      assert.match(listed('10.9.0.0'), /timeout 5h33m20s expires 1m([12]?\ds|30s)/);
      assert.match(listed('10.9.0.60'), /timeout 5h33m20s expires 1m[345]\ds/);
      await keeper.stop({ remove: true });
    }));
});
