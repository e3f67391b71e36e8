/** Several sorry servers on a real ip_vs: each has its share, and is used only while its own checks succeed. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../lab/daemon.js';
import { parseTable } from '../../../lab/ipvs.js';
import { ADDRESS, VIP } from '../../../lab/topology.js';
import { Crowd } from '../../support/crowd.js';
import { Visitors } from '../../support/visitors.js';
import { useLab } from '../lab.js';

const FILE = '/run/sorry.conf';
const LONG_MS = 120_000;
const REAL = '10.0.0.11:80';
const [HEAVY, LIGHT] = ['10.0.0.20:80', '10.0.0.13:80'];

/** rs1 is the pool; the hosts sorry and rs3 are the sorry servers, two to one. */
function shop(scheduler: string, overflow: string): string {
  const server = (kind: string, name: 'rs1' | 'rs3' | 'sorry', lines: string) =>
    `${kind} ${ADDRESS[name].v4} 80 {\n${lines}\nTCP_CHECK {\nretry 0\nconnect_timeout 8\n}\n}`;
  return `virtual_server ${VIP.v4} 80 {
  delay_loop 1
  lb_algo ${scheduler}
  lb_kind DR
  protocol TCP
  drain_timeout 0
  overflow ${overflow}
  ${server('sorry_server', 'sorry', 'weight 2')}
  ${server('sorry_server', 'rs3', 'weight 1')}
  ${server('real_server', 'rs1', 'uthreshold 10')}
}
`;
}

describe('several sorry servers', function () {
  this.timeout(2 * LONG_MS);
  const lab = useLab('vm', { hosts: ['client', 'd1', 'rs1', 'rs3', 'sorry'] });
  let lvsd: Daemon;

  before(async () => {
    await lab().host('d1').output(['sysctl', '-qw', 'net.ipv4.vs.expire_nodest_conn=1']);
    await lab().host('d1').write(FILE, shop('sed', 'connections'));
    lvsd = await Daemon.start(lab().host('d1'), { file: FILE });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log((await lvsd.log()).slice(-3000));
  });

  after(() => lvsd.stop());

  /** The weights of all services together. */
  async function weights(): Promise<Record<string, number>> {
    const table = parseTable(await lab().host('d1').output(['cat', '/proc/net/ip_vs']));
    return Object.fromEntries(
      table.flatMap(({ servers }) => servers.map(({ address, weight }) => [address, weight] as const)),
    );
  }

  async function become(wanted: Record<string, number>): Promise<void> {
    const text = JSON.stringify(sorted(wanted));
    let last = '';
    for (const endAt = performance.now() + LONG_MS; performance.now() < endAt; ) {
      last = JSON.stringify(sorted(await weights()));
      if (last === text) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.fail(`the table is not ${text} but ${last}`);
  }

  it('connections: who finds no place is shared by weight; one that dies gets nobody, and its share when it is back', async () => {
    await become({ [REAL]: 65_535, [HEAVY]: 2, [LIGHT]: 1 });
    const visitors = await Visitors.start(lab().host('client'));
    const come = async (count: number) => {
      const { servers, failures } = await visitors.obey({ do: 'come', host: VIP.v4, count });
      assert.deepEqual(failures, {});
      return servers;
    };
    assert.deepEqual(await come(40), { rs1: 10, sorry: 20, rs3: 10 });
    await lab().stopServer('rs3');
    await become({ [REAL]: 65_535, [HEAVY]: 2, [LIGHT]: 0 });
    assert.deepEqual(await come(12), { sorry: 12 });
    await lab().startServer('rs3');
    await become({ [REAL]: 65_535, [HEAVY]: 2, [LIGHT]: 1 });
    assert.ok(((await come(24)).rs3 ?? 0) > 0);
    await visitors.obey({ do: 'leave', host: '' });
  });

  it('sessions: the same', async () => {
    await lab().host('d1').write(FILE, shop('rr', 'sessions 3 timeout 60'));
    await lvsd.signal('HUP');
    await become({ [REAL]: 1, [HEAVY]: 2, [LIGHT]: 1 });
    const crowd = await Crowd.start(lab().host('client'));
    const ask = async (first: number, count: number) => {
      const answers = await crowd.ask(Array.from({ length: count }, (_, index) => first + index));
      return (name: string) => answers.filter((answer) => answer === name).length;
    };
    assert.equal((await ask(1, 3))('rs1'), 3);
    const turned = await ask(4, 60);
    const [heavy, light] = [turned('sorry'), turned('rs3')];
    assert.equal(heavy + light, 60);
    assert.ok(light >= 10 && heavy > light, `${heavy} and ${light}`);
    await lab().stopServer('rs3');
    await become({ [REAL]: 1, [HEAVY]: 2 });
    assert.equal((await ask(4, 60))('sorry'), 60);
    await lab().startServer('rs3');
    await become({ [REAL]: 1, [HEAVY]: 2, [LIGHT]: 1 });
    assert.ok((await ask(4, 60))('rs3') > 0);
    assert.equal((await ask(1, 3))('rs1'), 3, 'who is in is in');
    crowd.stop();
  });
});

function sorted(weights: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(weights).sort());
}
