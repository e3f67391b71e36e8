/** overflow sessions on a real director: a ticket sale with 300 clients and 100 places, and what may happen meanwhile. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../lab/daemon.js';
import { parseTable, type TableService } from '../../../lab/ipvs.js';
import { VIP } from '../../../lab/topology.js';
import type { Status, VirtualServerStatus } from '../../../src/admin/status.js';
import { Crowd, type Family } from '../../support/crowd.js';
import { sleep } from '../../support/namespaces.js';
import { useLab } from '../lab.js';

const PLACES = 100;
const TIMEOUT_S = 20;
/** How often everybody who is in returns. */
const ROUNDS = 5;
/** The kernel looks every second for sessions that have ended. */
const GC_MS = 2000;
const CONF = '/run/sessions.conf';

type Kind = { readonly kind?: 'NAT' | 'DR'; readonly protocol?: 'TCP' | 'UDP' };

function configuration(
  family: Family,
  overflow: string,
  { kind = 'NAT', protocol = 'TCP' }: Kind = {},
): string {
  const [vip, prefix] = family === 'v4' ? [VIP.v4, '10.0.0.'] : [VIP.v6, 'fd00::'];
  const server = (name: string, last: number) =>
    `${name} ${prefix}${last} 80 { TCP_CHECK { connect_timeout 8 } }`;
  return `virtual_server ${vip} 80 {
  lb_algo rr
  lb_kind ${kind}
  protocol ${protocol}
  delay_loop 0.5
  persistence_timeout 600
  drain_timeout 4
  overflow ${overflow}
  ${server('sorry_server', 20)}
  ${server('real_server', 11)}
  ${server('real_server', 12)}
  ${server('real_server', 13)}
}
`;
}

const clients = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('overflow sessions on a director', function () {
  this.timeout(300_000);
  const lab = useLab('vm');
  let lvsd: Daemon;
  let crowd: Crowd;
  /** Which server each client of the pool has. */
  let homes: readonly string[];
  /** Who is in after ten have left and ten have come. */
  let inside: readonly number[];

  async function start(): Promise<void> {
    lvsd = await Daemon.start(lab().host('d1'), { file: CONF });
    await until(
      ({ kernel, virtualServers: [pool] }) =>
        kernel.error === undefined &&
        pool?.sessions?.sessions !== undefined &&
        [...pool.realServers, ...pool.sorryServers].every(({ up }) => up),
    );
  }

  async function configure(family: Family, overflow: string, kind?: Kind): Promise<void> {
    await lab()
      .host('d1')
      .write(CONF, configuration(family, overflow, kind));
  }

  /** By a reload, and in force: with nobody in. */
  async function becomes(family: Family, places: number, kind: Kind): Promise<void> {
    await configure(family, `sessions ${places} timeout 30`, kind);
    await lvsd.signal('HUP');
    await until(({ virtualServers: [server] }) => {
      const { places: size, sessions } = server?.sessions ?? {};
      return size === places && sessions === 0;
    });
  }

  /** Without the command line: starting it takes the lab's machine longer than all else. */
  async function read(): Promise<Status> {
    const curl = [
      'curl',
      '-sfS',
      '-m',
      '20',
      '--unix-socket',
      '/run/lvsd/lvsd.sock',
      'http://lvsd/v1/status',
    ];
    return JSON.parse(await lab().host('d1').output(curl)) as Status;
  }

  async function until(claim: (status: Status) => boolean): Promise<Status> {
    let last: unknown;
    for (const endAt = performance.now() + 120_000; performance.now() < endAt; await sleep(500)) {
      const status = await read().catch((error: Error) => {
        last = error.message;
      });
      if (status && claim(status)) return status;
      last = status ?? last;
    }
    throw new Error(`not so within 2 min: ${JSON.stringify(last)}\n${await lvsd.log()}`);
  }

  const ask = (who: readonly number[]) => crowd.ask(who);

  async function pool(): Promise<VirtualServerStatus> {
    const { virtualServers } = await read();
    return virtualServers[0] ?? assert.fail();
  }

  const nft = (...words: string[]) =>
    lab()
      .host('d1')
      .run(['nft', ...words]);
  const ipvsadm = () => lab().host('d1').output(['ipvsadm', '-Ln']);
  const inPool = (answers: readonly string[]) => answers.filter((name) => name.startsWith('rs')).length;
  const atSorry = (answers: readonly string[]) => answers.filter((name) => name === 'sorry').length;

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

  async function everybodyAtHome(): Promise<void> {
    assert.deepEqual(await ask(clients(1, PLACES)), homes);
  }

  before(async () => {
    await configure('v4', `sessions ${PLACES} timeout ${TIMEOUT_S}`);
    await start();
    crowd = await Crowd.start(lab().host('client'));
  });

  it('the first 100 of 300 clients are in, 200 at the sorry server, none refused', async () => {
    homes = await ask(clients(1, PLACES));
    assert.equal(inPool(homes), PLACES);
    assert.deepEqual([...new Set(homes)].sort(), ['rs1', 'rs2', 'rs3']);
    assert.equal(atSorry(await ask(clients(101, 300))), 200);
  });

  it('who is in returns again and again during the crowd, always to the same server; kill -9 of all of lvsd in the middle changes nothing', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      assert.deepEqual(await ask(clients(1, PLACES)), homes, `round ${round}`);
      assert.equal(atSorry(await ask(clients(101, 120))), 20, `round ${round}`);
      if (round === 2) {
        const pids = [
          ...(await lvsd.pids('lvsd')),
          ...(await lvsd.pids('lvsd-lvs')),
          ...(await lvsd.pids('lvsd-vrrp')),
        ];
        assert.ok(pids.length >= 2);
        await lab()
          .host('d1')
          .output(['kill', '-KILL', ...pids.map(String)]);
      }
    }
    // They come back while it starts, too.
    await meanwhile(clients(1, PLACES), start());
    await everybodyAtHome();
  });

  it('nft and ipvsadm show what docs/overflow.md says, and status counts the same', async () => {
    const { sessions, realServers, sorryServers } = await pool();
    const { poolMark, sorryMark, admitted, turnedAway = 0, ...rest } = sessions ?? assert.fail();
    assert.deepEqual(rest, {
      space: '10.0.0.100_80_tcp',
      places: PLACES,
      timeoutMs: TIMEOUT_S * 1000,
      door: 'open',
      sessions: PLACES,
      free: 0,
    });
    assert.equal(admitted, PLACES);
    assert.equal(turnedAway, 200 + ROUNDS * 20);
    assert.equal(sorryServers[0]?.kernel?.total, turnedAway);
    assert.equal(realServers.length, 3);
    const table = await ipvsadm();
    assert.match(
      table,
      new RegExp(`FWM +${poolMark} rr persistent 600\n( +-> 10\\.0\\.0\\.1[123]:80 +Masq +1 .*\n){3}`),
    );
    assert.match(table, new RegExp(`FWM +${sorryMark} wlc\n +-> 10\\.0\\.0\\.20:80 +Masq +1 `));
    assert.doesNotMatch(table, /TCP/);
    const { stdout } = await nft('list', 'table', 'inet', 'lvsd');
    assert.match(stdout, /10\.0\.0\.100 \. tcp \. 80 : goto service_10\.0\.0\.100_80_tcp/);
    assert.match(stdout, /set sessions_10\.0\.0\.100_80_tcp/);
  });

  it('when ten sessions end exactly ten of the waiting get in, and nobody else loses the place', async () => {
    const waiting = clients(101, 160);
    await everybodyAtHome();
    const leftAt = performance.now();
    while (performance.now() < leftAt + TIMEOUT_S * 1000 + GC_MS) {
      assert.deepEqual(await ask(clients(11, PLACES)), homes.slice(10));
      await ask(waiting);
    }
    const answers = await ask(waiting);
    assert.deepEqual([inPool(answers), atSorry(answers)], [10, 50]);
    inside = [...clients(11, PLACES), ...waiting.filter((_, place) => answers[place] !== 'sorry')];
    assert.equal(atSorry(await ask(clients(1, 10))), 10, 'who went away comes back as a newcomer');
  });

  it('a reload with more places lets more in and throws nobody out', async () => {
    await configure('v4', `sessions ${PLACES + 5} timeout 600`);
    await lvsd.signal('HUP');
    await meanwhile(
      inside,
      until(({ virtualServers: [server] }) => server?.sessions?.free === 5),
    );
    assert.deepEqual(await ask(clients(11, PLACES)), homes.slice(10));
    assert.equal(inPool(await ask(clients(1, 10))), 5);
  });

  it('with every server dead all are at the sorry server, none refused; when they are back, who was in is in', async () => {
    const before = await ask(clients(11, 40));
    assert.equal(inPool(before), 30);
    await Promise.all((['rs1', 'rs2', 'rs3'] as const).map((name) => lab().stopServer(name)));
    await until(({ virtualServers: [server] }) => server?.sessions?.door === 'shut');
    await tableWithout(/10\.0\.0\.1[123]:80 +\w+ +[1-9]/);
    const meanwhile = await ask(clients(11, 60));
    await Promise.all((['rs1', 'rs2', 'rs3'] as const).map((name) => lab().startServer(name)));
    assert.equal(atSorry(meanwhile), 50, String(meanwhile));
    await until(
      ({ virtualServers: [server] }) =>
        server?.sessions?.door === 'open' && server.realServers.every(({ up }) => up),
    );
    assert.equal(inPool(await ask(clients(11, PLACES))), 90);
    assert.equal(atSorry(await ask(clients(200, 220))), 21);
  });

  it('what another hand does to the table in nftables is put right within 10 s, sessions in it stay', async () => {
    await nft('flush', 'chain', 'inet', 'lvsd', 'service_10.0.0.100_80_tcp');
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
    const file = configuration('v4', 'sessions 1').replace(/ +overflow.*\n/, '');
    await lab().host('d1').write(CONF, file);
    await lvsd.signal('HUP');
    await until(({ virtualServers: [server] }) => server !== undefined && server.sessions === undefined);
    assert.match(await tableWithout(/FWM/), /TCP +10\.0\.0\.100:80 rr persistent 600/);
    assert.doesNotMatch((await nft('list', 'tables')).stdout, /lvsd/);
    await configure('v4', `sessions ${PLACES} timeout 600`);
    await lvsd.signal('HUP');
    await until(({ virtualServers: [server] }) => server?.sessions?.sessions !== undefined);
    assert.match(await tableWithout(/TCP/), /FWM/);
    stopAsking = true;
    const answers = await asking;
    assert.deepEqual(
      answers.filter((name) => !/^(rs\d|sorry)$/.test(name)),
      [],
    );
  });

  it('UDP does the same, by direct routing', async () => {
    await becomes('v4', 3, { kind: 'DR', protocol: 'UDP' });
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
    const [inside, outside] = parseTable(await lab().host('d1').output(['cat', '/proc/net/ip_vs']));
    const entries = (service: TableService | undefined) =>
      service?.servers.reduce((sum, { inactive }) => sum + inactive, 0);
    assert.deepEqual([inside?.protocol, entries(inside), entries(outside)], ['FWM', 3, 5]);
  });

  it('IPv6 does the same, by direct routing', async () => {
    await becomes('v6', 5, { kind: 'DR' });
    crowd.stop();
    await lab().host('client').output(['sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1']);
    crowd = await Crowd.start(lab().host('client'), 'v6');
    const answers = await ask(clients(1, 12));
    assert.deepEqual([inPool(answers), atSorry(answers)], [5, 7], `${answers} ${await ipvsadm()}`);
    assert.deepEqual(await ask(clients(1, 12)), answers);
  });

  it('a stop leaves nothing in nftables nor in IPVS', async () => {
    assert.ok(await lvsd.stop());
    assert.doesNotMatch((await nft('list', 'tables')).stdout, /lvsd/);
    assert.doesNotMatch(await ipvsadm(), /FWM|TCP/);
  });
});
