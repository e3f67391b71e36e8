/** What comes in the middle of a stop changes nothing about it: whole daemons, told in whichever order. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { isAlive } from '../../../support/scripts.js';

const VIP = '10.77.0.100';

/** Of the lowest priority, so that a stop with nobody to take over lasts an advert and a half second: longer than two commands of a slow machine. */
const FILE = `vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  version 3
  priority 1
  advert_int 12
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;

describe('a stop of lvsd', () => {
  const holds = ({ run }: Host) => run('ip -o addr').includes(VIP);

  /** A daemon that is master of the address and has been told to stop: it hands over now. */
  async function whileStopping(body: (daemon: Daemon) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace);
      try {
        daemon.configure(FILE);
        daemon.start('-P');
        await eventually('it is master', () => holds(host));
        await eventually('all run', () => daemon.log.includes('lvsd-lvs is ready'));
        const pids = (['lvsd', 'lvsd-vrrp', 'lvsd-lvs'] as const).map(
          (name) => daemon.pid(name) ?? assert.fail(name),
        );
        daemon.signal('SIGTERM');
        await eventually('it begins', () => daemon.log.includes('stopping'));
        await body(daemon);
        assert.equal(await daemon.ended(), 0);
        assert.equal(holds(host), false, 'its address is gone');
        assert.deepEqual(pids.filter(isAlive), []);
        assert.equal(daemon.log.match(/lvsd-vrrp is ready/g)?.length, 1, 'it was not started again');
      } finally {
        daemon.signal('SIGKILL');
        await daemon.dispose();
      }
    });
  }

  it('goes on when SIGHUP comes, which is told that the file is not read', () =>
    whileStopping(async (daemon) => {
      daemon.signal('SIGHUP');
      await eventually('it is told', () => /reload: lvsd is stopping: .* is not read/.test(daemon.log));
    }));

  it('refuses `lvsd reload` and `lvsd handover`, and says why', () =>
    whileStopping(async (daemon) => {
      const [reload, handover] = await Promise.all([daemon.command('reload'), daemon.command('handover')]);
      assert.deepEqual(reload, { code: 1, output: 'reload: lvsd is stopping: the file is not read\n' });
      assert.deepEqual(handover, {
        code: 1,
        output: 'handover: lvsd is stopping, and hands over what it holds\n',
      });
    }));

  it('is one stop, whatever other signals to end come', () =>
    whileStopping(async (daemon) => {
      for (const signal of ['SIGQUIT', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) daemon.signal(signal);
    }));
});
