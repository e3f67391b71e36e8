import assert from 'node:assert/strict';
import colors from 'picocolors';
import { formatVrrp } from '../../src/cli/vrrp-text.js';
import type { InstanceStatus, VrrpStatus } from '../../src/vrrp/status.js';

const paint = colors.createColors(false);
const AT = 1_000_000;

const counts = {
  advertsReceived: 3,
  advertsSent: 40,
  priorityZeroReceived: 0,
  priorityZeroSent: 0,
  becameMaster: 1,
  releasedMaster: 0,
  transitions: 2,
  drops: { chk_err: 5 },
  odd: {},
};

const master: InstanceStatus = {
  name: 'VI_1',
  state: 'MASTER',
  since: AT - 90_000,
  cause: 'no master heard',
  family: 'ipv4',
  version: 3,
  virtualRouterId: 51,
  interface: 'eth0',
  priority: { effective: 150, configured: 150 },
  advertIntMs: 1000,
  master: { self: true, address: '10.0.0.1', priority: 150, advertIntMs: 1000 },
  addresses: { held: ['10.0.0.100/24 on eth0'], missing: ['10.0.0.101/24 on eth0'], unwanted: [] },
  handedOver: false,
  drifts: 0,
  counts,
  trackersDown: [],
  waitingFor: [],
};

const status = (...instances: InstanceStatus[]): VrrpStatus => ({
  pid: 7,
  startedAt: 0,
  instances,
  groups: [{ name: 'VG', state: 'MASTER', instances: ['VI_1'] }],
  drops: { vrid_err: 9 },
  lateness: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
});

describe('lvsd status of VRRP as text', () => {
  it('shows a master with what it holds, what is missing, and what it dropped', () => {
    assert.equal(
      formatVrrp(status(master), AT, paint),
      [
        'vrrp: process 7, late by at most 1 ms (half), 2 ms (99 %), 3 ms (all)',
        '  packets for nobody here: 9 vrid_err',
        '  sync group VG  MASTER  (VI_1)',
        'VI_1  VRID 51 on eth0, VRRPv3  MASTER for 1 min 30 s: no master heard  (priority 150)',
        '  holds 10.0.0.100/24 on eth0',
        '  missing 10.0.0.101/24 on eth0',
        '  adverts: 40 sent, 3 received, dropped 5 chk_err; 2 transitions',
      ].join('\n'),
    );
  });

  it('shows a backup with its master and the trackers that cost it', () => {
    const backup: InstanceStatus = {
      ...master,
      state: 'BACKUP',
      cause: 'startup',
      priority: { effective: 90, configured: 150 },
      master: { self: false, address: '10.0.0.2', priority: 100, advertIntMs: 500 },
      addresses: { held: [], missing: [], unwanted: [] },
      trackersDown: ['script web is down: 60 less'],
    };
    const text = formatVrrp(status(backup), AT, paint);
    assert.match(text, /\(priority 90, 150 configured\)/);
    assert.match(text, /master: 10\.0\.0\.2 \(priority 100, adverts every 500 ms\)/);
    assert.match(text, /script web is down: 60 less/);
  });

  it('shows what another hand took away, how often and when last', () => {
    const lastDrift = { at: AT - 3_000, text: '10.0.0.100/24 on eth0 was taken away' };
    assert.match(
      formatVrrp(status({ ...master, drifts: 2, lastDrift }), AT, paint),
      /^ {2}changed by another hand 2 time\(s\), put right; last 3 s ago: 10\.0\.0\.100\/24 on eth0 was taken away$/m,
    );
    assert.doesNotMatch(formatVrrp(status(master), AT, paint), /another hand/);
  });

  it('says of a backup whose master adverts other addresses which those are, and counts the adverts', () => {
    const otherAddresses = { has: ['192.0.2.50'], lacks: ['192.0.2.100'] };
    const backup: InstanceStatus = {
      ...master,
      state: 'BACKUP',
      master: { self: false, address: '192.0.2.7', priority: 200, advertIntMs: 1000, otherAddresses },
      counts: { ...counts, odd: { addr_list_mismatch: 3 }, drops: {} },
    };
    const text = formatVrrp(status(backup), AT, paint);
    assert.match(
      text,
      /^ {2}its master 192\.0\.2\.7 adverts other addresses: has 192\.0\.2\.50, lacks 192\.0\.2\.100$/m,
    );
    assert.match(text, /^ {2}adverts: 40 sent, 3 received, of these 3 addr_list_mismatch; 2 transitions$/m);
  });

  it('says of a backup that holds what it ought not to that it still does', () => {
    const held = ['10.0.0.100/24 on eth0'];
    const backup: InstanceStatus = {
      ...master,
      state: 'BACKUP',
      addresses: { held, missing: [], unwanted: held },
    };
    assert.match(formatVrrp(status(backup), AT, paint), /^ {2}still holds 10\.0\.0\.100\/24 on eth0$/m);
    assert.doesNotMatch(formatVrrp(status(master), AT, paint), /still/);
  });

  it('says how long ago the last advert was heard', () => {
    const line =
      /^ {2}adverts: 40 sent, 3 received, the last 1 min 5 s ago, dropped 5 chk_err; 2 transitions$/m;
    assert.match(formatVrrp(status({ ...master, lastHeardAt: AT - 65_000 }), AT, paint), line);
  });

  it('says of an instance that is handed over how it comes back', () => {
    const handed: InstanceStatus = { ...master, state: 'BACKUP', handedOver: true };
    const line = /^ {2}handed over: lvsd handover --back VI_1 takes it back$/m;
    assert.match(formatVrrp(status(handed), AT, paint), line);
    assert.doesNotMatch(formatVrrp(status(master), AT, paint), /handed over/);
  });

  it('says why a fault is one, and why nothing can be shown', () => {
    const fault: InstanceStatus = { ...master, state: 'FAULT', fault: 'interface eth0 is down' };
    assert.match(formatVrrp(status(fault), AT, paint), /fault: interface eth0 is down/);
    assert.equal(
      formatVrrp({ error: 'lvsd-vrrp did not answer within 1 s' }, AT, paint),
      'vrrp: lvsd-vrrp did not answer within 1 s',
    );
  });
});
