/** From the words of a configuration file to what `ip` shows: address, route and rule lines of a master, and static ones. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

const FILE = `static_ipaddress {
  10.90.0.1/24 dev eth1
}
static_routes {
  10.91.0.0/24 via 10.90.0.254 dev eth1
}
static_rules {
  from 10.91.0.0/24 lookup 191 pref 1910
}
vrrp_instance VI_4 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  virtual_ipaddress {
    10.77.0.100/24 brd 10.77.0.200 label eth0:vip
    10.79.0.100/24 dev eth1 brd + scope link noprefixroute preferred_lft 0
  }
  virtual_ipaddress_excluded {
    10.9.0.1 peer 10.9.0.2/32
    fd79::1/64 dev eth1 home mngtmpaddr
    239.7.7.7/32 dev eth1 autojoin preferred_lft forever
    10.78.0.1/25 dev eth1 label eth1:x brd 10.78.0.99 scope site
    fd79::2/64 dev eth1 -nodad preferred_lft 0
    fe80::79 dev eth1
  }
  virtual_routes {
    10.80.0.0/24 via 10.77.0.254 dev eth0 src 10.77.0.100 metric 70
    to 10.81.0.0/24 gw 10.77.0.254 oif eth0 table 100
    fd80::/64 dev eth1 priority 7
    blackhole 10.82.0.0/24
  }
  virtual_rules {
    from 10.80.0.0/24 to 10.81.0.0/24 table 100 preference 1000
    fwmark 5/0xf lookup 101 pref 1001
    inet6 iif eth0 table 102 order 1002
    not to 10.83.0.0/24 tos 0x10 lookup 103 priority 1003
  }
}
vrrp_instance VI_6 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  virtual_ipaddress {
    fe80::100
    fd77::100/64 -nodad
  }
}\n`;

/** Command of `ip`, and what it shows while it is all held. */
const SHOWN: readonly (readonly [command: string, expected: RegExp])[] = [
  [
    '-4 addr show dev eth0',
    /inet 10\.77\.0\.100\/24 brd 10\.77\.0\.200 scope global secondary dynamic eth0:vip/,
  ],
  ['-4 addr show dev eth0', /inet 10\.9\.0\.1 peer 10\.9\.0\.2\/32/],
  [
    '-4 addr show dev eth1',
    /inet 10\.79\.0\.100\/24 brd 10\.79\.0\.255 scope link deprecated dynamic noprefixroute eth1\s+valid_lft \d+sec preferred_lft 0sec/,
  ],
  ['-4 addr show dev eth1', /inet 10\.90\.0\.1\/24 scope global eth1\s+valid_lft forever/],
  ['-6 addr show dev eth1', /inet6 fd79::1\/64 scope global nodad home dynamic mngtmpaddr/],
  ['-4 addr show dev eth1', /inet 239\.7\.7\.7\/32 scope global .*autojoin/],
  ['-4 addr show dev eth1', /inet 10\.78\.0\.1\/25 brd 10\.78\.0\.99 scope site dynamic eth1:x/],
  ['-6 addr show dev eth1', /inet6 fd79::2\/64 scope global deprecated dynamic/],
  ['-6 addr show dev eth1', /inet6 fe80::79\/128 scope link nodad deprecated dynamic/],
  ['-6 addr show dev eth0', /inet6 fd77::100\/64 scope global dynamic/],
  ['-6 addr show dev eth0', /inet6 fe80::100\/128 scope link nodad deprecated dynamic/],
  ['route', /10\.80\.0\.0\/24 via 10\.77\.0\.254 dev eth0 proto keepalived src 10\.77\.0\.100 metric 70/],
  ['route', /blackhole 10\.82\.0\.0\/24 proto keepalived/],
  ['route', /10\.91\.0\.0\/24 via 10\.90\.0\.254 dev eth1 proto keepalived/],
  ['route show table all', /10\.81\.0\.0\/24 via 10\.77\.0\.254 dev eth0 table 100/],
  ['-6 route', /fd80::\/64 dev eth1 proto keepalived metric 7/],
  ['rule', /1000:\s+from 10\.80\.0\.0\/24 to 10\.81\.0\.0\/24 lookup 100/],
  ['rule', /1001:\s+from all fwmark 0x5\/0xf lookup 101/],
  ['rule', /1003:\s+not from all to 10\.83\.0\.0\/24 tos (0x10|lowdelay) lookup 103/],
  ['rule', /1910:\s+from 10\.91\.0\.0\/24 lookup 191/],
  ['-6 rule', /1002:\s+from all iif eth0 lookup 102/],
];

describe('the words of the file', () => {
  it('are in the kernel while it is master, and gone after the stop', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      host.run('ip link add eth1 type veth peer name eth1p');
      for (const end of ['eth1', 'eth1p']) host.run(`ip link set ${end} up`);
      const daemon = new Daemon(host.namespace);
      try {
        daemon.configure(FILE);
        const child = daemon.start('-P');
        await eventually('all of it', () => missing(host).length === 0).catch(() => {
          assert.deepEqual(missing(host), [], `${daemon.log}${host.run('ip addr')}`);
        });
        assert.doesNotMatch(daemon.log, /WARN|ERROR/);
        child.kill('SIGTERM');
        assert.equal(await daemon.ended(), 0);
        assert.equal(missing(host).length, SHOWN.length, 'all is gone');
      } finally {
        await daemon.dispose();
      }
    }));

  it('an IPv6 address without a length answers and is never the source of what the director begins, after each renewal too', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const daemon = new Daemon(host.namespace);
      // Of all addresses this one is the nearest to fd77::103.
      daemon.configure(WHOLE);
      const monitor = host.start('ip -o monitor address');
      let seen = '';
      monitor.stdout?.on('data', (data: Buffer) => {
        seen += data.toString();
      });
      const held = () => seen.split('\n').filter((line) => /^\d.*fd77::102\/128/.test(line));
      try {
        daemon.start('-P');
        await eventually('renewals', () => held().length >= 5).catch(() =>
          assert.fail(`${seen}\n${daemon.log}`),
        );
        for (const line of held())
          assert.match(line, /deprecated.* valid_lft [1-9]\d*sec preferred_lft 0sec/);
        assert.match(host.run('ip -6 route get fd77::103'), / src fd77::1 /);
      } finally {
        await daemon.dispose();
      }
    }));
});

const WHOLE = `vrrp_instance VI_6 {
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  virtual_ipaddress {
    fd77::102
  }
}\n`;

function missing({ run }: Host): readonly string[] {
  return SHOWN.filter(
    ([command, expected]) => !expected.test(run(`ip ${command}`).replace(/\n\s+/g, ' ')),
  ).map(([command, expected]) => `ip ${command}: ${expected}`);
}
