/** Overflow by connections and by quiescing, and draining, on a real ip_vs with real servers and clients. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Daemon } from '../../../lab/daemon.js';
import { parseTable, type TableService } from '../../../lab/ipvs.js';
import { ADDRESS, VIP } from '../../../lab/topology.js';
import type { VirtualServerStatus } from '../../../src/admin/status.js';
import type { CrowdResult } from '../../support/crowd-client.js';
import { Visitors } from '../../support/visitors.js';
import { useLab } from '../lab.js';

const FILE = '/run/overflow.conf';
const VS = '10.0.0.100:80 tcp';
/** A program of the guest starts in less than a second, unless the machine has much else to do. */
const START_MS = 200_000;

type Shop = {
  readonly overflow?: string;
  readonly scheduler?: string;
  readonly limit?: number;
  readonly family?: 'v4' | 'v6';
  readonly kind?: 'DR' | 'NAT';
  readonly protocol?: 'TCP' | 'UDP';
  /** Only where a server is to be found dead: checks of a busy guest may time out. */
  readonly check?: boolean;
  readonly servers?: readonly ('rs1' | 'rs2')[];
};

function shop({ overflow = 'connections', scheduler = 'sed', limit = 50, ...more }: Shop = {}): string {
  const { family = 'v4', kind = 'DR', protocol = 'TCP', servers = ['rs1', 'rs2'], check = false } = more;
  const real = servers.map(
    (name) => `real_server ${ADDRESS[name][family]} 80 {
      uthreshold ${limit}
      ${check ? 'TCP_CHECK {\nretry 0\n}' : ''}
    }`,
  );
  return `virtual_server ${VIP[family]} 80 {
    delay_loop 1
    warmup 0
    lb_algo ${scheduler}
    lb_kind ${kind}
    protocol ${protocol}
    overflow ${overflow}
    drain_timeout 5
    sorry_server ${ADDRESS.sorry[family]} 80
    ${real.join('\n')}
  }\n`;
}

describe('overflow on a real ip_vs', function () {
  this.timeout(240_000);
  const lab = useLab('vm', { hosts: ['client', 'd1', 'rs1', 'rs2', 'sorry'] });
  let lvsd: Daemon;
  let visitors: Visitors;

  before(async function () {
    this.timeout(400_000);
    visitors = await Visitors.start(lab().host('client'));
    await lab().host('d1').write(FILE, shop());
    lvsd = await Daemon.start(lab().host('d1'), { file: FILE });
    await until(async () => (await table())[0]?.servers.length === 3, START_MS).catch(
      async (error: Error) => {
        throw new Error(`${error.message}\n${await lvsd.log()}`);
      },
    );
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log((await lvsd.log()).slice(-4000));
    await visitors.obey({ do: 'leave', host: '' });
  });

  after(() => lvsd.stop());

  /** As the file says, with nobody in it. */
  async function direct(config: string, like: RegExp): Promise<void> {
    await lab().host('d1').write(FILE, config);
    const { lastReload: before } = await lvsd.status();
    await lvsd.signal('HUP');
    await until(async () => (await lvsd.status()).lastReload?.at !== before?.at, START_MS);
    await until(async () => {
      const [service, ...others] = await table();
      const servers = service?.servers ?? [];
      const ready = servers.length === 3 && servers.every(({ active }) => active === 0);
      return ready && others.length === 0 && like.test(`${service?.protocol} ${service?.scheduler}`);
    }, START_MS);
  }

  async function table(): Promise<TableService[]> {
    return [...parseTable(await lab().host('d1').output(['cat', '/proc/net/ip_vs']))];
  }

  async function counts(what: 'weight' | 'active' | 'inactive'): Promise<Record<string, number>> {
    const [service] = await table();
    return Object.fromEntries(service?.servers.map((server) => [server.address, server[what]]) ?? []);
  }

  async function status(): Promise<VirtualServerStatus> {
    return (await lvsd.status()).virtualServers[0] ?? assert.fail();
  }

  async function until(claim: () => Promise<boolean>, ms = 60_000): Promise<number> {
    const began = performance.now();
    while (performance.now() - began < ms) {
      if (await claim().catch(() => false)) return performance.now() - began;
      await sleep(50);
    }
    throw new Error(`not so within ${ms} ms: ${JSON.stringify(await table())}`);
  }

  const come = (count: number, host: string = VIP.v4) => visitors.obey({ do: 'come', host, count });
  const leave = () => visitors.obey({ do: 'leave', host: '' });
  const served = (by: string, host: string = VIP.v4) =>
    visitors.obey({ do: 'try', host, until: by, withinMs: 30_000 });

  it('connections: 300 clients that stay are 50 + 50 + 200 sorry, none refused; when they leave, newcomers get in (DR)', async () => {
    const { servers, failures } = await come(300);
    assert.deepEqual([servers, failures], [{ rs1: 50, rs2: 50, sorry: 200 }, {}]);
    await until(async () => (await status()).overflow?.fullSince !== undefined);
    const { active, sorryActive, places } = (await status()).overflow ?? {};
    assert.deepEqual([active, sorryActive, places], [100, 200, 0]);
    assert.deepEqual(servedBy(await served('sorry')), ['sorry']);
    await leave();
    const { ms } = await served('rs');
    console.log(`      a newcomer was served ${ms} ms after the crowd had left`);
    // Connections that are over are forgotten after minutes: nobody waits for that.
    assert.ok(ms < 10_000, `the pool took newcomers ${ms} ms after the crowd had left`);
    const next = await come(40);
    assert.deepEqual([next.servers, next.failures], [{ rs1: 20, rs2: 20 }, {}]);
  });

  it('connections: of a churn far below the limit fewer than 1 % reach the sorry server', async () => {
    await direct(shop(), /TCP sed/);
    // Few at once and many in all: held up for seconds, neither they nor lvsd come near the limit of what is open at one time.
    const visits = { rate: 20, forMs: 20_000, stayMs: 10 };
    const { servers, failures } = await visitors.obey({ do: 'pass', host: VIP.v4, ...visits });
    assert.deepEqual(failures, {});
    assert.ok((servers.sorry ?? 0) < 4, JSON.stringify(servers));
  });

  it('quiesce: under rr nobody is refused, the crowd is held off within its interval, and let in again', async () => {
    await direct(shop({ overflow: 'quiesce', scheduler: 'rr', limit: 20 }), /TCP rr/);
    const weights = () => counts('weight');
    assert.deepEqual((await come(60)).failures, {});
    await until(async () =>
      isDeepStrictEqual(await weights(), { '10.0.0.11:80': 0, '10.0.0.12:80': 0, '10.0.0.20:80': 1 }),
    );
    const late = await come(20);
    assert.deepEqual([late.servers, late.failures], [{ sorry: 20 }, {}]);
    await leave();
    await until(async () =>
      isDeepStrictEqual(await weights(), { '10.0.0.11:80': 1, '10.0.0.12:80': 1, '10.0.0.20:80': 0 }),
    );
    assert.deepEqual(servedBy(await served('rs')), ['rs']);
  });

  it('a drained server keeps who it has, gets nobody, leaves when they have gone, and comes back', async () => {
    await direct(shop(), /TCP sed/);
    assert.deepEqual((await come(10)).servers, { rs1: 5, rs2: 5 });
    const drain = ['lvsd', 'drain', VS, '10.0.0.11:80', '--state-dir', lvsd.stateDir];
    assert.match(await lab().host('d1').output(drain), /gets no newcomers/);
    await until(async () => (await counts('weight'))['10.0.0.11:80'] === 0);
    assert.deepEqual((await come(5)).servers, { rs2: 5 });
    await leave();
    await until(async () => (await counts('weight'))['10.0.0.11:80'] === undefined);
    assert.equal((await status()).realServers[0]?.drain?.kind, 'drained');
    const undo = `http://lvsd/v1/undrain?${new URLSearchParams({ virtualServer: VS, realServer: '10.0.0.11:80' })}`;
    const curl = ['curl', '-sS', '--fail-with-body', '-m', '20', '-X', 'POST', '--unix-socket'];
    await lab()
      .host('d1')
      .output([...curl, `${lvsd.stateDir}/lvsd.sock`, undo]);
    await until(async () => (await counts('weight'))['10.0.0.11:80'] === 65_535);
  });

  it('connections: the same over IPv6 by NAT', async () => {
    await direct(shop({ family: 'v6', kind: 'NAT', limit: 10 }), /TCP sed/);
    const { servers, failures } = await come(40, VIP.v6);
    assert.deepEqual([servers, failures], [{ rs1: 10, rs2: 10, sorry: 20 }, {}]);
    await leave();
    assert.deepEqual(servedBy(await served('rs', VIP.v6)).includes('rs'), true);
  });

  for (const [family, kind] of [
    ['v4', 'DR'],
    ['v6', 'NAT'],
  ] as const) {
    it(`connections: of UDP entries count until they time out (IP${family}, ${kind})`, async () => {
      await direct(shop({ family, kind, protocol: 'UDP', limit: 3 }), /UDP sed/);
      await visitors.obey({ do: 'send', host: VIP[family], count: 10 });
      const at = (name: 'rs1' | 'rs2' | 'sorry') => {
        const address = ADDRESS[name][family];
        return family === 'v4' ? `${address}:80` : `[${address}]:80`;
      };
      const counted = await counts('inactive');
      assert.deepEqual([counted[at('rs1')], counted[at('rs2')], counted[at('sorry')]], [3, 3, 4]);
    });
  }

  // The last: in DR a connection that a dead server refuses counts as active for the minute its SYN_RECV entry lives.
  it('connections: around the limit, while a server dies and is back and the file is reloaded, refuses none', async () => {
    await direct(shop({ limit: 10, check: true }), /TCP sed/);
    const going = visitors.obey({ do: 'pass', host: VIP.v4, rate: 30, forMs: 12_000, stayMs: 1500 });
    let over = false;
    const most = new Map<string, number>();
    const watching = (async () => {
      while (!over)
        for (const [address, active] of Object.entries(await counts('active')))
          most.set(address, Math.max(most.get(address) ?? 0, active));
    })();
    await sleep(3000);
    await lab().stopServer('rs2', 'quit');
    await sleep(3000);
    await lab().startServer('rs2');
    await sleep(2000);
    await lvsd.signal('HUP');
    const { servers, failures } = await going;
    over = true;
    await watching;
    // A server that stops refuses until its check has seen it: once a second. Its own clients see that, nobody else.
    const { ECONNREFUSED = 0, ECONNRESET = 0, closed = 0, ...others } = failures;
    assert.deepEqual(others, {});
    assert.ok(ECONNREFUSED + ECONNRESET + closed < 0.15 * 360, JSON.stringify(failures));
    assert.ok((most.get('10.0.0.11:80') ?? 0) <= 11, `${most.get('10.0.0.11:80')} at once, limit 10`);
    assert.ok((servers.rs1 ?? 0) > 20 && (servers.sorry ?? 0) > 20, JSON.stringify(servers));
  });
});

function servedBy({ servers }: CrowdResult): string[] {
  return [...new Set(Object.keys(servers).map((name) => name.replace(/\d/, '')))];
}
