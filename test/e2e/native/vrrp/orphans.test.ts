/** An lvsd-vrrp that outlived its supervisor, and that the next lvsd has no place for. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { isAlive } from '../../../support/scripts.js';
import { sniffAdverts } from '../../../support/sniffer.js';

const VIP = '10.77.0.100';
const SERVICE = `virtual_server ${VIP} 80 {
  protocol TCP
  lb_algo wlc
  lb_kind NAT
  real_server 10.77.0.1 80 {
  }
}\n`;
const FILE = `vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 1
  virtual_ipaddress {
    ${VIP}/24
  }
  virtual_routes {
    10.99.0.0/16 via 10.77.0.254 dev eth0
  }
}\n`;

describe('an orphaned lvsd-vrrp', () => {
  const holds = ({ run }: Host) => /10\.77\.0\.100|10\.99\.0\.0/.test(run('ip -o addr') + run('ip route'));

  type Orphaned = {
    readonly daemon: Daemon;
    readonly host: Host;
    readonly orphan: number;
    /** Resolves when the next lvsd has begun to start its processes. */
    readonly isFollowed: () => Promise<void>;
    readonly hasResigned: () => boolean;
  };

  async function withOrphan(body: (orphaned: Orphaned) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace);
      try {
        daemon.configure(FILE);
        daemon.start('-P');
        await eventually('it is master', () => holds(host));
        await eventually('all run', () => daemon.log.includes('lvsd-lvs is ready'));
        const orphan = daemon.pid('lvsd-vrrp') ?? assert.fail();
        const supervisor = daemon.pid('lvsd') ?? assert.fail();
        process.kill(supervisor, 'SIGKILL');
        await eventually('it is alone', () => daemon.log.includes('the supervisor is gone'));
        const adverts = await sniffAdverts(host);
        const isFollowed = () =>
          eventually('another runs', () => startsProcesses(daemon.pid('lvsd'), supervisor));
        const hasResigned = () => adverts().some(({ priority }) => priority === 0);
        await body({ daemon, host, orphan, isFollowed, hasResigned });
      } finally {
        await daemon.dispose();
      }
    });
  }

  function startsProcesses(pid: number | undefined, before: number): boolean {
    if (pid === undefined || pid === before) return false;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '';
  }

  /** It has resigned, taken everything away, and left no trace. */
  async function isEnded({ daemon, host, orphan, hasResigned }: Orphaned): Promise<void> {
    await eventually('it ends', () => !isAlive(orphan));
    await eventually('it has handed over', hasResigned);
    assert.equal(holds(host), false, 'nothing of it is left');
    const file = join(daemon.directory, 'lvsd-vrrp.pid');
    await eventually('it is forgotten', () => !existsSync(file));
  }

  it('that the next file has no place for hands over and ends, and the new lvsd ends as ever', () =>
    withOrphan(async (orphaned) => {
      const { daemon, host } = orphaned;
      daemon.configure(SERVICE);
      daemon.start('-P');
      await isEnded(orphaned);
      const { vrrp } = await daemon.until(({ supervised }) => supervised);
      assert.equal(vrrp, undefined);
      assert.match(daemon.log, /lvsd-lvs is ready.*lvsd-vrrp had outlived its supervisor/s);
      daemon.signal('SIGTERM');
      assert.equal(await daemon.ended(), 0);
      assert.equal(holds(host), false);
    }));

  it('does so too when the next one only checks', () =>
    withOrphan(async (orphaned) => {
      orphaned.daemon.start('-C');
      await isEnded(orphaned);
    }));

  const stoppedEarly: readonly (readonly [claim: string, scope: string])[] = [
    ['does so too when that one is stopped before it is ready', '-C'],
    ['is followed by one that is stopped before it is ready, which hands over in its place', '-P'],
  ];
  for (const [claim, scope] of stoppedEarly) {
    it(claim, () =>
      withOrphan(async ({ daemon, host, orphan, isFollowed, hasResigned }) => {
        daemon.start(scope);
        await isFollowed();
        daemon.signal('SIGTERM');
        assert.equal(await daemon.ended(), 0);
        assert.equal(isAlive(orphan), false);
        assert.equal(holds(host), false);
        await eventually('it has handed over', hasResigned);
      }),
    );
  }
});
