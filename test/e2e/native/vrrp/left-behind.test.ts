/** What one lvsd has left in the kernel and the next one's file no longer has: that goes, and nothing of others. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

const SERVICE = `virtual_server 10.77.0.99 80 {
  protocol TCP
  lb_algo wlc
  lb_kind NAT
  real_server 10.77.0.1 80 {
  }
}\n`;

/** With a macvlan, and something of each kind that is static or goes with being master. */
const LARGE = `static_ipaddress {
  10.95.0.1/24 dev eth0
}
static_routes {
  10.96.0.0/16 via 10.95.0.254 dev eth0
}
static_rules {
  from 10.96.0.0/16 table 96 priority 960
}
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  vip_lifetime off
  use_vmac vrrp.51
  virtual_ipaddress {
    10.77.0.100/24
    10.94.0.1/24 dev eth0
  }
  virtual_routes {
    10.97.0.0/16 via 10.77.0.254 dev eth0
    10.98.0.0/16 via 10.77.0.254 dev eth0
  }
  virtual_rules {
    from 10.97.0.0/16 table 97 priority 970
  }
}\n`;
const SMALL = `vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  vip_lifetime off
  virtual_ipaddress {
    10.77.0.100/24
  }
}\n`;

/** How each thing shows that LARGE has put there. */
const SHOWN: Readonly<Record<string, RegExp>> = {
  address: / 10\.77\.0\.100\/24/,
  'address with dev': / 10\.94\.0\.1\/24/,
  'static address': / 10\.95\.0\.1\/24/,
  'static route': /10\.96\.0\.0\/16 via .* proto (keepalived|18)/,
  'virtual route': /10\.97\.0\.0\/16 via .* proto (keepalived|18)/,
  'virtual route 2': /10\.98\.0\.0\/16 via .* proto (keepalived|18)/,
  'static rule': /960:/,
  'virtual rule': /970:/,
  macvlan: /vrrp\.51/,
};

describe('what lvsd has left behind', () => {
  const all = ({ run }: Host) =>
    ['ip -o addr', 'ip -o link', 'ip route', 'ip rule'].map((command) => run(command)).join('');
  const shown = (host: Host) => {
    const text = all(host);
    return Object.keys(SHOWN).filter((name) => SHOWN[name]?.test(text));
  };

  /** A daemon whose processes have ended, and left all that LARGE has. */
  async function withLeft(how: 'SIGQUIT' | 'SIGKILL', body: (daemon: Daemon, host: Host) => Promise<void>) {
    await withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace);
      try {
        daemon.configure(LARGE);
        daemon.start('-P');
        await eventually('it is master', () => shown(host).length === Object.keys(SHOWN).length);
        await eventually('all run', () => daemon.log.includes('lvsd-lvs is ready'));
        const saved = join(daemon.directory, 'vrrp-placed.json');
        const isSaved = () => existsSync(saved) && readFileSync(saved, 'utf8').includes('10.97.0.0');
        await eventually('it is saved', isSaved);
        if (how === 'SIGQUIT') daemon.signal(how);
        else
          for (const name of ['lvsd', 'lvsd-vrrp', 'lvsd-lvs'] as const)
            process.kill(daemon.pid(name) ?? assert.fail(name), how);
        await daemon.ended();
        assert.deepEqual(shown(host), Object.keys(SHOWN), 'left for the successor');
        await body(daemon, host);
      } finally {
        await daemon.dispose();
      }
    });
  }

  for (const how of ['SIGQUIT', 'SIGKILL'] as const) {
    it(`goes by the next start without it: ${how}`, () =>
      withLeft(how, async (daemon, host) => {
        daemon.configure(SMALL);
        daemon.start('-P');
        await eventually('the rest is gone', () => shown(host).join() === 'address');
        assert.match(host.run('ip -o addr show dev eth0'), / 10\.77\.0\.100\/24/);
        daemon.signal('SIGTERM');
        assert.equal(await daemon.ended(), 0);
        assert.deepEqual(shown(host), []);
      }));
  }

  it('goes by a start without any VRRP too', () =>
    withLeft('SIGQUIT', async (daemon, host) => {
      daemon.configure(SERVICE);
      daemon.start('-P');
      await eventually('all is gone', () => shown(host).length === 0);
      const { vrrp } = await daemon.until(({ supervised }) => supervised);
      assert.equal(vrrp, undefined, 'and no VRRP runs');
    }));

  it('stays by a start with the same file, and is not made anew', () =>
    withLeft('SIGQUIT', async (daemon, host) => {
      const index = () => /^(\d+): vrrp\.51/m.exec(host.run('ip -o link'))?.[1];
      const before = index();
      daemon.start('-P');
      await daemon.until(({ vrrp }) => vrrp !== undefined && 'instances' in vrrp);
      await eventually('it goes on', () => daemon.log.includes('lvsd-vrrp is ready'));
      assert.deepEqual(shown(host), Object.keys(SHOWN));
      assert.equal(index(), before);
    }));

  it('stays where another hand has made it anew, and so does what is only alike', () =>
    withLeft('SIGQUIT', async (daemon, host) => {
      const theirs = [
        'ip route replace 10.97.0.0/16 via 10.77.0.253 dev eth0',
        'ip route add 10.93.0.0/16 via 10.77.0.254 dev eth0',
        'ip rule add from 10.93.0.0/16 table 93 priority 930',
        'ip addr replace 10.95.0.1/24 dev eth0 valid_lft 500 preferred_lft 500',
        'ip addr add 10.92.0.1/24 dev eth0',
        'ip link del vrrp.51',
        'ip link add vrrp.51 link eth0 type macvlan',
      ];
      for (const command of theirs) host.run(command);
      daemon.configure(SMALL);
      daemon.start('-P');
      await eventually('ours is gone', () => !shown(host).includes('static route'));
      const text = all(host);
      for (const there of [
        /10\.97\.0\.0\/16 via 10\.77\.0\.253/,
        /10\.93\.0\.0/,
        /930:/,
        / 10\.92\.0\.1/,
        / 10\.95\.0\.1/,
        /vrrp\.51/,
      ])
        assert.match(text, there);
    }));
});
