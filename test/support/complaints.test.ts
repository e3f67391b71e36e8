import assert from 'node:assert/strict';
import { complaintsOf } from './complaints.js';

/** As keepalived 2.2.7 words them. */
const COMPLAINTS = [
  '(VI_1) ip address associated with VRID 51 not present in MASTER advert: 10.77.0.100',
  '(VI_1) expected 1 VIPs but received 2',
  '(VI_1) received an unexpected ip number count 2, expected 1!',
  '(VI_1) received a 1 auth, expecting 0!',
  '(VI_1) received an invalid passwd!',
  '(VI_1) Invalid auth type: 3',
  '(VI_1) Received AH header but auth type not AH',
  '(VI_1) No AH header but auth type is AH',
  '(VI_1) IPSEC-AH : sequence number 7 already processed. Packet dropped. Local(7)',
  '(VI_1) vrrp packet too long, length 36 and expect 32',
  'IPv4 VRRP packet too short - 27 bytes',
  '(VI_1) ip_tot_len mismatch against received length. 32 and received 36',
  '(VI_1) Expected multicast packet but received unicast packet',
  '(VI_1) discarding unicast packet on multicast instance',
  '(VI_1) unicast source address 10.77.0.9 not a unicast peer',
  '(VI_1) TTL/HL 64 not in range 254 - 255',
  '(VI_1) invalid TTL/HL. Received 64 and expect 255',
  '(VI_1) wrong version. Received 2 and expect 3',
  '(VI_1) Invalid packet type. 2 and expect 1',
  '(VI_1) Invalid VRRPv3 checksum',
  '(VI_1) Setting unicast VRRPv3 checksum to old version',
  '(VI_1) advertisement interval updated from 200ms to 1000ms by master',
  '(VI_1) changing advert interval from 1000ms to locally configured 200ms',
  "(VI_1) advertisement interval mismatch mine=1 sec rcv'd=2 sec",
  'Unknown VRID(52) received on interface(eth0). ignoring...',
  '(VI_1) WARNING - equal priority advert received from remote host with our IP address.',
  '(VI_1) CONFIGURATION ERROR: local instance and a remote instance are both configured as address owner',
  '(VI_1) Advert interval (0) not valid! Must be > 0 - ignoring',
  "(/etc/keepalived/keepalived.conf: Line 9) Unknown keyword 'advert'",
];

/** Of a start, elections lost and won, a cut cable and a stop. */
const INNOCENT = `
Starting Keepalived v2.2.7 (01/16,2022)
Running on Linux 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (built for Linux 5.19.11)
Command line: '/usr/sbin/keepalived' '-n' '-l' '-G' '-D' '-P' '-f' '/tmp/lvsd-keepalived-x/conf'
Configuration file /tmp/lvsd-keepalived-x/conf
NOTICE: setting config option max_auto_priority should result in better keepalived performance
Starting VRRP child process, pid=7
Registering Kernel netlink reflector
Registering Kernel netlink command channel
Opening file '/tmp/lvsd-keepalived-x/conf'.
Assigned address 10.77.0.2 for interface eth0
Deassigned address fe80::98a4:6fff:fe41:b232 from interface eth1
Registering gratuitous ARP shared channel
(VI_1) removing VIPs.
(VI_1) Entering BACKUP STATE (init)
VRRP sockpool: [ifindex(  2), family(IPv4), proto(112), fd(12,13) multicast, address(224.0.0.18)]
VRRP sockpool: [ifindex(  2), family(IPv4), proto(112), fd(12,13) , unicast, address(10.77.0.2)]
VRRP sockpool: [ifindex(  2), family(IPv6), proto(112), fd(12,13) multicast, address(ff02::12)]
Startup complete
(VI_1) received lower priority (100) advert from 10.77.0.1 - discarding
(VI_1) Backup received priority 0 advertisement
(VI_1) Receive advertisement timeout
(VI_1) Entering MASTER STATE
(VI_1) setting VIPs.
(VI_1) Sending/queueing gratuitous ARPs on eth0 for 10.77.0.100
Sending gratuitous ARP on eth0 for 10.77.0.100
(VI_1) Sending/queueing Unsolicited Neighbour Adverts on eth0 for fe80::64
(VI_1) Master received advert from 10.77.0.1 with higher priority 150, ours 100
(VI_1) Master received priority 0 message
VRRP_Group(VG) Syncing instances to FAULT state
Netlink reports eth0 down
(VI_1) Entering FAULT STATE
(VI_1) sent 0 priority
Stopping
CPU usage (self/children) user: 0.004989/0.002572 system: 0.004989/0.000000
Stopped - used 0.001523 user time, 0.000000 system time
`;

describe('what keepalived complains of', () => {
  for (const line of COMPLAINTS) {
    it(line, () =>
      assert.deepEqual(complaintsOf(`Startup complete\n${line}\n(VI_1) sent 0 priority\n`), [line]),
    );
  }

  it('is not what it says of a start, elections and a stop', () => {
    assert.deepEqual(complaintsOf(INNOCENT), []);
  });
});
