/** A process lvsd-vrrp that does not get to run for a while, beside a supervisor and an lvsd-lvs that do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import type { Status } from '../../../../src/admin/status.js';
import type { InstanceStatus } from '../../../../src/vrrp/status.js';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

const VIP = '10.77.0.100';

const configuration = (priority = 100) => `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    priority ${priority}
    advert_int 0.1
    virtual_ipaddress {
      ${VIP}/24
    }
  }\n`;

describe('an lvsd-vrrp that is stopped', () => {
  async function withDaemons(
    priorities: readonly number[],
    body: (daemons: readonly Daemon[], host: Host) => Promise<void>,
  ): Promise<void> {
    const names = priorities.map((priority) => `d${priority}`);
    await withNetwork(names, async (network) => {
      const daemons = names.map((name) => new Daemon(network.host(name).namespace));
      try {
        for (const [i, daemon] of daemons.entries()) {
          daemon.configure(configuration(priorities[i]));
          daemon.start();
          await is(daemon, i === 0 ? 'MASTER' : 'BACKUP');
        }
        await body(daemons, network.host(names[0] ?? ''));
      } finally {
        await Promise.all(daemons.map((daemon) => daemon.dispose()));
      }
    });
  }

  async function is(daemon: Daemon, state: InstanceStatus['state']): Promise<InstanceStatus> {
    const found = ({ vrrp }: Status) =>
      vrrp !== undefined && 'instances' in vrrp ? vrrp.instances[0] : undefined;
    const status = await daemon.until((each) => found(each)?.state === state);
    return found(status) ?? assert.fail();
  }

  it('has not answered, says a reload; its address has expired and was taken by nobody, and is back', async () => {
    await withDaemons([100], async ([daemon = assert.fail()], host) => {
      const has = () => host.run('ip -br addr').includes(VIP);
      const pid = daemon.pid('lvsd-vrrp') ?? assert.fail();
      process.kill(pid, 'SIGSTOP');
      daemon.configure(configuration(110));
      const { code, output } = await daemon.command('reload');
      assert.equal(code, 1);
      assert.match(output, /reload: lvsd-vrrp did not answer within 10 s/);
      assert.ok(!has(), 'its address has expired');
      process.kill(pid, 'SIGCONT');
      await eventually('the address is back', has);
      const { drifts, priority } = await is(daemon, 'MASTER');
      assert.deepEqual([daemon.pid('lvsd-vrrp'), priority.configured, drifts], [pid, 110, 0]);
      assert.match(daemon.log, /expired while this process did not get to run/);
      assert.doesNotMatch(daemon.log, /another hand/);
      assert.deepEqual(await daemon.command('reload'), { code: 0, output: 'reload: done\n' });
    });
  });

  it('does not carry out a hand-over later that nobody waits for any more', async () => {
    await withDaemons([150, 100], async ([a = assert.fail(), b = assert.fail()]) => {
      const pid = a.pid('lvsd-vrrp') ?? assert.fail();
      process.kill(pid, 'SIGSTOP');
      await is(b, 'MASTER');
      const socketPath = join(a.directory, 'lvsd.sock');
      const tired = axios.post('http://lvsd/v1/vrrp/handover', undefined, { socketPath, timeout: 2000 });
      await assert.rejects(tired, /timeout/);
      await sleep(1000);
      process.kill(pid, 'SIGCONT');
      await is(b, 'BACKUP');
      await is(a, 'MASTER');
      // One that is handed over waits for the other to go.
      await sleep(1500);
      assert.equal((await is(a, 'MASTER')).state, 'MASTER');
      await is(b, 'BACKUP');
    });
  });
});
