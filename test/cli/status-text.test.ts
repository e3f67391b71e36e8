import assert from 'node:assert/strict';
import type { Status } from '../../src/admin/status.js';
import { formatAge, formatStatus } from '../../src/cli/status-text.js';
import type { AgentState } from '../../src/pool/memory.js';

const at = Date.UTC(2026, 0, 1, 12);

const status: Status = {
  version: '1.2.3',
  pid: 42,
  startedAt: at - 3_720_000,
  at,
  dryRun: false,
  supervised: true,
  kernel: { lastPassAt: at - 4000, drifts: 0, errors: 0 },
  checks: { checkers: 2, running: 0, waiting: 0, lateness: { count: 900, p50Ms: 1, p99Ms: 2, maxMs: 5 } },
  virtualServers: [
    {
      id: '10.0.0.100:80 tcp',
      scheduler: 'wlc',
      up: true,
      since: at - 3_700_000,
      weight: 1,
      quorum: 1,
      hysteresis: 0,
      realServers: [
        {
          id: '10.0.0.11:80',
          up: true,
          since: at - 3_700_000,
          reasons: [],
          weight: 1,
          kernel: { weight: 1, active: 12, inactive: 340, total: 98_765 },
          checkers: [],
        },
        {
          id: '10.0.0.12:80',
          up: false,
          since: at - 12_000,
          reasons: ['TCP_CHECK: connection refused'],
          weight: 1,
          checkers: [],
        },
      ],
      leaving: [],
      sorryServers: [
        {
          id: '10.0.0.20:80',
          up: true,
          since: at,
          reasons: [],
          weight: 1,
          inUse: false,
          checkers: [],
        },
      ],
    },
  ],
};

describe('lvsd status as text', () => {
  it('shows a pool with why and since when a server is down, and what the kernel counts', () => {
    assert.equal(
      formatStatus(status, false),
      `lvsd 1.2.3, process 42, for 1 h 2 min
checks: 2 checkers, started late by at most 1 ms (half), 2 ms (99 %), 5 ms (all)
kernel: verified 4 s ago

10.0.0.100:80 tcp  wlc  up for 1 h 1 min  (quorum 1, weight 1)
  server        state        since  weight  active  inactive  total  why
  10.0.0.11:80  up       1 h 1 min       1      12       340  98765
  10.0.0.12:80  down          12 s       -       -         -      -  TCP_CHECK: connection refused
  10.0.0.20:80  standby                  -       -         -      -  sorry server`,
    );
  });

  it('tells what an agent says', () => {
    const [first, ...rest] = status.virtualServers[0]?.realServers ?? [];
    assert.ok(status.virtualServers[0] && first);
    const told = (agent: AgentState) => {
      const virtualServers = [{ ...status.virtualServers[0], realServers: [{ ...first, agent }, ...rest] }];
      return formatStatus({ ...status, virtualServers } as Status, false);
    };
    assert.match(told({ percent: 75, mode: 'ready' }), /^ +10\.0\.0\.11:80 +up .* agent: 75 %$/m);
    assert.match(told({ percent: 100, mode: 'maint' }), /^ +10\.0\.0\.11:80 +maint .* 98765$/m);
  });

  it('tells of drift that was put right', () => {
    const text = formatStatus(
      {
        ...status,
        kernel: {
          ...status.kernel,
          drifts: 3,
          lastDrift: { at: at - 61_000, text: 'tcp 10.0.0.100:80 was gone' },
        },
      },
      false,
    );
    assert.match(
      text,
      /^kernel: verified 4 s ago; changed by another hand 3 time\(s\), put right; last 1 min 1 s ago: tcp 10\.0\.0\.100:80 was gone$/m,
    );
  });

  it('tells of a kernel it cannot reach, a lost supervisor and a refused reload', () => {
    const text = formatStatus(
      {
        ...status,
        supervised: false,
        lastReload: { at: at - 5000, errors: ['lvsd.conf:3:1: error: x'] },
        kernel: { drifts: 0, errors: 1, error: { at: at - 2000, text: 'EPERM' } },
      },
      false,
    );
    assert.match(text, /^kernel: EPERM \(since 2 s\)$/m);
    assert.match(text, /^supervisor: killed/m);
    assert.match(
      text,
      /^reload: refused 5 s ago, the configuration before it goes on\n {2}lvsd\.conf:3:1: error: x$/m,
    );
  });

  it('tells how often each process was started again', () => {
    const starts = { 'lvsd-lvs': 1, 'lvsd-vrrp': 3 };
    assert.match(formatStatus({ ...status, starts }, false), /^restarts: lvsd-lvs 0, lvsd-vrrp 2$/m);
  });

  it('tells of the kernel’s table where there is one to look after, and not with VRRP alone', () => {
    const { lastPassAt: _, ...kernel } = status.kernel;
    const started = { ...status, kernel };
    assert.match(formatStatus(started, false), /^kernel: not read back yet$/m);
    assert.doesNotMatch(formatStatus({ ...started, virtualServers: [] }, false), /kernel/);
    const failing = { ...kernel, error: { at: at - 2000, text: 'EPERM' } };
    assert.match(formatStatus({ ...started, kernel: failing, virtualServers: [] }, false), /^kernel: EPERM/m);
  });

  it('writes lengths of time in their two largest units', () => {
    const ages = [0, 59_400, 61_000, 3_720_000, 90_061_000].map(formatAge);
    assert.deepEqual(ages, ['0 s', '59 s', '1 min 1 s', '1 h 2 min', '1 d 1 h']);
  });

  it('tells the sessions: how many, how many more, whether newcomers get in', () => {
    const [first] = status.virtualServers;
    const sessions = {
      space: 'shop',
      places: 100,
      timeoutMs: 30_000,
      door: 'open',
      poolMark: 1000,
      sorryMark: 1001,
    } as const;
    const text = (more: object) =>
      formatStatus(
        { ...status, virtualServers: [{ ...(first ?? assert.fail()), sessions: { ...sessions, ...more } }] },
        false,
      );
    const counts = { sessions: 90, free: 10, admitted: 400, turnedAway: 12 };
    const line = /^ {2}sessions in shop: .*$/m;
    assert.equal(
      line.exec(text(counts))?.[0],
      '  sessions in shop: 90 of 100, 10 free, open; let in 400, turned away 12 times; marks 1000 and 1001',
    );
    const full = { ...counts, sessions: 100, free: 0 };
    assert.match(text(full), /100 of 100, 0 free, full;/);
    assert.match(text({ ...full, fullSince: at - 45_000 }), /0 free, full for 45 s;/);
    assert.match(text({ ...counts, door: 'closed' }), /door closed;/);
    assert.match(text({}), /100 places; nftables does not answer;/);
  });
});
