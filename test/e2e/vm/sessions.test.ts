/** overflow sessions on a real director: the ticket sale of docs/overflow.md with 300 clients, and what may happen meanwhile. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon } from '../../../lab/daemon.js';
import { parseTable, type TableService } from '../../../lab/ipvs.js';
import { root } from '../../../lab/paths.js';
import { ADDRESS, VIP } from '../../../lab/topology.js';
import type { Status, VirtualServerStatus } from '../../../src/admin/status.js';
import { Crowd, type Family } from '../../support/crowd.js';
import { useLab } from '../lab.js';

/** What the documentation has: a configuration, and what the kernel then shows. */
const DOCS = readFileSync(join(root, 'docs/overflow.md'), 'utf8');
const SHOP = documented('virtual_server_group shop {');
const SHOWN = documented('$ nft list table inet lvsd');
const PLACES = 100;
const TIMEOUT_S = 30;
/** Where nobody is to lose a place, however slow the machine is. */
const PATIENT_S = 120;
/** How often everybody who is in returns. */
const ROUNDS = 10;
/** The kernel looks every second for sessions that have ended. */
const GC_MS = 2000;
const CONF = '/run/sessions.conf';
const PAIR = ['rs1', 'rs2'] as const;

/** The block of the documentation that begins so. */
function documented(beginning: string): string {
  const block = DOCS.split('```\n').find((text) => text.startsWith(beginning));
  return block ?? assert.fail(`docs/overflow.md has no block "${beginning}"`);
}

/** The shop of the documentation, looked at often. */
function shop(places = PLACES, timeoutS = PATIENT_S): string {
  return SHOP.replace(`sessions ${PLACES} timeout ${TIMEOUT_S}`, `sessions ${places} timeout ${timeoutS}`)
    .replace('lb_algo', 'delay_loop 0.5\n    drain_timeout 4\n    lb_algo')
    .replaceAll('connect_port 80', 'connect_port 80\n            connect_timeout 8');
}

type Stall = { readonly family?: Family; readonly kind: 'DR' | 'NAT'; readonly protocol?: 'TCP' | 'UDP' };

/** A few places, without checks. */
function stall(places: number, { family = 'v4', kind, protocol = 'TCP' }: Stall): string {
  const server = (name: 'rs1' | 'sorry') => `${ADDRESS[name][family]} 80`;
  return `virtual_server ${VIP[family]} 80 {
  lb_algo rr
  lb_kind ${kind}
  protocol ${protocol}
  persistence_timeout 30
  drain_timeout 4
  overflow sessions ${places}
  sorry_server ${server('sorry')}
  real_server ${server('rs1')} {
  }
}
`;
}

const clients = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const isInside = (answer: string) => answer.startsWith('rs');
const inPool = (answers: readonly string[]) => answers.filter(isInside).length;
const atSorry = (answers: readonly string[]) => answers.filter((name) => name === 'sorry').length;

describe('overflow sessions on a director', function () {
  this.timeout(300_000);
  const lab = useLab('vm');
  const d1 = () => lab().host('d1');
  let lvsd: Daemon;
  let crowd: Crowd;
  /** Which server each client of the pool has. */
  let homes: readonly string[];
  /** Who is in after ten have left and ten have come. */
  let inside: readonly number[];

  const ask = (who: readonly number[]) => crowd.ask(who);
  const ipvsadm = () => d1().output(['ipvsadm', '-Ln']);
  const nft = async (...words: string[]) => (await d1().run(['nft', ...words])).stdout;

  async function start(): Promise<void> {
    lvsd = await Daemon.start(d1(), { file: CONF });
    await until(
      ({ kernel, virtualServers: [pool] }) =>
        kernel.error === undefined &&
        pool?.sessions?.sessions !== undefined &&
        [...pool.realServers, ...pool.sorryServers].every(({ up }) => up),
    );
  }

  async function reload(file: string): Promise<void> {
    await d1().write(CONF, file);
    await lvsd.signal('HUP');
  }

  /** By a reload, and in force: with nobody in. */
  async function becomes(file: string, places: number): Promise<void> {
    await reload(file);
    await until(({ virtualServers: [server] }) => {
      const { free, sessions } = server?.sessions ?? {};
      return free === places && sessions === 0;
    });
  }

  async function until(claim: (status: Status) => boolean): Promise<void> {
    let last: unknown;
    for (const endAt = performance.now() + 120_000; performance.now() < endAt; await sleep(500)) {
      const status = await lvsd.status().catch((error: Error) => {
        last = error.message;
      });
      if (status && claim(status)) return;
      last = status ?? last;
    }
    throw new Error(`not so within 2 min: ${JSON.stringify(last)}\n${await lvsd.log()}`);
  }

  async function pool(): Promise<VirtualServerStatus> {
    return (await lvsd.status()).virtualServers[0] ?? assert.fail();
  }

  /** Waits until the rules by which clients get and keep their places are so. */
  async function rulesSay(pattern: RegExp): Promise<void> {
    let rules = '';
    for (const endAt = performance.now() + 120_000; performance.now() < endAt; await sleep(500)) {
      rules = await nft('list', 'chain', 'inet', 'lvsd', 'service_group_shop_tcp');
      if (pattern.test(rules)) return;
    }
    assert.match(rules, pattern);
  }

  async function tableWithout(pattern: RegExp): Promise<string> {
    let table = await ipvsadm();
    for (const endAt = performance.now() + 60_000; pattern.test(table) && performance.now() < endAt; ) {
      await sleep(500);
      table = await ipvsadm();
    }
    assert.doesNotMatch(table, pattern);
    return table;
  }

  /** However slow the machine is: these clients come back while something else goes on, and none loses its place. */
  async function meanwhile(who: readonly number[], work: Promise<unknown>): Promise<void> {
    let ended = false;
    const ending = work.finally(() => {
      ended = true;
    });
    while (!ended) assert.equal(inPool(await ask(who)), who.length);
    await ending;
  }

  before(async () => {
    // A connection of before must not lead to a server that is gone, see the documentation.
    await d1().output(['sysctl', '-qw', 'net.ipv4.vs.expire_nodest_conn=1']);
    await d1().write(CONF, shop());
    await start();
    crowd = await Crowd.start(lab().host('client'));
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      console.log(
        `${(await lvsd.log()).slice(-3000)}\n${await nft('list', 'table', 'inet', 'lvsd')}\n${await ipvsadm()}`,
      );
  });

  it('the first 100 of 300 clients are in, 200 at the sorry server, none refused', async () => {
    homes = await ask(clients(1, PLACES));
    assert.equal(inPool(homes), PLACES);
    assert.deepEqual([...new Set(homes)].sort(), [...PAIR]);
    assert.equal(atSorry(await ask(clients(101, 300))), 200);
  });

  it('who is in returns ten times, always to the same server; kill -9 of all of lvsd in the middle changes nothing', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      assert.deepEqual(await ask(clients(1, PLACES)), homes, `round ${round}`);
      assert.equal(atSorry(await ask(clients(101, 120))), 20, `round ${round}`);
      if (round === ROUNDS / 2) await killAll();
    }
    // They come back while it starts, too.
    await meanwhile(clients(1, PLACES), start());
    assert.deepEqual(await ask(clients(1, PLACES)), homes);
  });

  async function killAll(): Promise<void> {
    const titles = ['lvsd', 'lvsd-lvs', 'lvsd-vrrp'];
    const pids = (await Promise.all(titles.map((title) => d1().pids(title)))).flat();
    assert.ok(pids.length >= 2);
    await d1().run(['kill', '-KILL', ...pids.map(String)]);
  }

  it('one place is good for all ports of the group', async () => {
    const secure = async (n: number) => {
      const curl = ['curl', '-sk', '-m', '20', '-o', '/dev/null', '-w', '%header{x-server}'];
      return lab()
        .host('client')
        .output([...curl, '--interface', `10.9.0.${n}`, `https://${VIP.v4}/`]);
    };
    assert.equal(await secure(1), homes[0]);
    assert.equal(await secure(101), 'sorry');
  });

  it('nft and ipvsadm show what docs/overflow.md says, and status counts the same', async () => {
    const turned = 200 + ROUNDS * 20 + 1;
    // The kernel sums its totals up every 2 s.
    await until(({ virtualServers: [server] }) => server?.sorryServers[0]?.kernel?.total === turned);
    const { sessions } = await pool();
    const {
      poolMark: _,
      sorryMark: __,
      admitted,
      turnedAway = 0,
      fullSince: ___,
      transitions: ____,
      ...rest
    } = sessions ?? assert.fail();
    assert.deepEqual(rest, {
      space: 'group_shop_tcp',
      places: PLACES,
      timeoutMs: PATIENT_S * 1000,
      door: 'open',
      sessions: PLACES,
      free: 0,
    });
    assert.equal(admitted, PLACES);
    // A client that was not answered within a second has tried again.
    assert.ok(turnedAway >= turned, `${turnedAway} of ${turned}`);
    const table = await nft('list', 'table', 'inet', 'lvsd');
    const shown = `$ nft list table inet lvsd\n${table}$ ipvsadm -Ln\n${await ipvsadm()}`;
    assert.deepEqual(withoutCounts(shown), withoutCounts(SHOWN.replaceAll('timeout 30s', 'timeout 2m')));
  });

  it('when ten sessions end exactly ten of the waiting get in, not before their time and within a second of it; nobody else loses the place', async () => {
    const waiting = clients(101, 160);
    const shorter = reload(shop(PLACES, TIMEOUT_S)).then(() => rulesSay(/timeout 30s/));
    await meanwhile(clients(1, PLACES), shorter);
    const seenAt = performance.now();
    assert.deepEqual(await ask(clients(1, PLACES)), homes);
    const endAt = performance.now() + TIMEOUT_S * 1000;
    while (performance.now() < endAt + GC_MS) {
      assert.deepEqual(await ask(clients(11, PLACES)), homes.slice(10));
      const got = inPool(await ask(waiting));
      if (performance.now() < seenAt + TIMEOUT_S * 1000) assert.equal(got, 0);
    }
    const answers = await ask(waiting);
    assert.deepEqual([inPool(answers), atSorry(answers)], [10, 50]);
    const { fullSince, transitions = 0 } = (await pool()).sessions ?? {};
    assert.ok(fullSince !== undefined && transitions > 0, 'newcomers have been turned away all the while');
    inside = [...clients(11, PLACES), ...waiting.filter((_, place) => isInside(answers[place] ?? ''))];
    assert.equal(atSorry(await ask(clients(1, 10))), 10, 'who went away comes back as a newcomer');
  });

  it('a reload with more places lets exactly so many more in and throws nobody out', async () => {
    const more = reload(shop(PLACES + 5, 600)).then(() =>
      until(({ virtualServers: [server] }) => server?.sessions?.free === 5),
    );
    await meanwhile(inside, more);
    assert.equal(inPool(await ask(clients(1, 10))), 5);
    assert.deepEqual(await ask(clients(11, PLACES)), homes.slice(10));
    assert.equal(inPool(await ask(inside)), PLACES);
  });

  it('with every server dead all are at the sorry server, none refused, also by a port of before; when they are back, who was in is in', async () => {
    const [some, port] = [clients(11, 40), 9999];
    assert.deepEqual(await crowd.ask(some, port), homes.slice(10, 40));
    await Promise.all(PAIR.map((name) => lab().stopServer(name)));
    await until(({ virtualServers: [server] }) => server?.sessions?.door === 'shut');
    await tableWithout(/10\.0\.0\.1[12]:0 +\w+ +[1-9]/);
    const answers = [...(await ask(clients(11, 60))), ...(await crowd.ask(some, port))];
    await Promise.all(PAIR.map((name) => lab().startServer(name)));
    assert.equal(atSorry(answers), 80, String(answers));
    await until(
      ({ virtualServers: [server] }) =>
        server?.sessions?.door === 'open' && server.realServers.every(({ up }) => up),
    );
    assert.equal(inPool(await ask(clients(11, PLACES))), 90);
    assert.equal(atSorry(await ask(clients(200, 220))), 21);
  });

  it('what another hand does to the table in nftables is put right within 10 s, sessions in it stay', async () => {
    await nft('flush', 'chain', 'inet', 'lvsd', 'service_group_shop_tcp');
    await until(({ kernel }) =>
      /nftables: chain service_.* was changed: set back/.test(kernel.lastDrift?.text ?? ''),
    );
    assert.equal(inPool(await ask(clients(11, PLACES))), 90);
    assert.equal(atSorry(await ask(clients(200, 210))), 11);
  });

  it('taking sessions out of the file, and back in, refuses nobody meanwhile', async () => {
    let stopAsking = false;
    const asking = (async () => {
      const answers: string[] = [];
      for (; !stopAsking; await sleep(300)) answers.push(...(await ask(clients(200, 210))));
      return answers;
    })();
    await sleep(1000);
    await reload(shop().replace(/ +overflow.*\n/, ''));
    await until(({ virtualServers: [server] }) => server !== undefined && server.sessions === undefined);
    assert.match(await tableWithout(/FWM/), /TCP +10\.0\.0\.100:80 wlc persistent 30/);
    assert.doesNotMatch(await nft('list', 'tables'), /lvsd/);
    await reload(shop(PLACES, 600));
    await until(({ virtualServers: [server] }) => server?.sessions?.sessions !== undefined);
    assert.match(await tableWithout(/TCP/), /FWM/);
    stopAsking = true;
    const answers = await asking;
    assert.deepEqual(
      answers.filter((name) => !/^(rs\d|sorry)$/.test(name)),
      [],
    );
  });

  it('of UDP the same', async () => {
    await becomes(stall(3, { kind: 'DR', protocol: 'UDP' }), 3);
    const script = `const { createSocket } = require('node:dgram');
      (async () => {
        for (let n = 1; n <= 8; n++) {
          const socket = createSocket('udp4').on('error', () => {});
          await new Promise((bound) => socket.bind(0, '10.9.0.' + n, bound));
          for (let twice = 0; twice < 2; twice++) await new Promise((sent) => socket.send('x', 80, '${VIP.v4}', sent));
          socket.close();
        }
      })();`;
    await lab().host('client').output([process.execPath, '-e', script]);
    const [inside, outside] = parseTable(await d1().output(['cat', '/proc/net/ip_vs']));
    const entries = (service: TableService | undefined) =>
      service?.servers.reduce((sum, { inactive }) => sum + inactive, 0);
    assert.deepEqual([inside?.protocol, entries(inside), entries(outside)], ['FWM', 3, 5]);
  });

  it('over IPv6 by NAT the same', async () => {
    await becomes(stall(5, { family: 'v6', kind: 'NAT' }), 5);
    crowd.stop();
    await lab().host('client').output(['sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1']);
    crowd = await Crowd.start(lab().host('client'), 'v6');
    const answers = await ask(clients(1, 12));
    assert.deepEqual([inPool(answers), atSorry(answers)], [5, 7], String(answers));
    assert.deepEqual(await ask(clients(1, 12)), answers);
  });

  it('a stop leaves nothing in nftables nor in IPVS', async () => {
    assert.ok(await lvsd.stop());
    assert.doesNotMatch(await nft('list', 'tables'), /lvsd/);
    assert.doesNotMatch(await ipvsadm(), /FWM|TCP/);
  });
});

/** The lines of a documented or a real listing, without what differs between two moments and two versions of the programs. */
function withoutCounts(listing: string): string[] {
  return listing
    .replace(/elements = {[^}]*}/g, 'elements')
    .replace(/packets \d+ bytes \d+/g, 'counts')
    .replace(/(-> \S+ +\w+ +\d+).*/g, '$1')
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => line !== '' && !/^(IP Virtual Server|Prot LocalAddress|-> RemoteAddress)/.test(line));
}
