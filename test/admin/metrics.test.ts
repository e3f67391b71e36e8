/** The metrics: as Prometheus reads them, as docs/metrics.md lists them, and how many there can be. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFINITIONS, formatMetrics } from '../../src/admin/metrics.js';
import type { RealServerStatus, Status } from '../../src/admin/status.js';
import { BOUNDS_MS, CheckTally } from '../../src/checkers/check-tally.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

const server = (id: string, more: Partial<RealServerStatus> = {}): RealServerStatus => ({
  id,
  up: true,
  since: 0,
  reasons: [],
  weight: 1,
  kernel: { weight: 3, active: 12, inactive: 340, total: 98_765 },
  checkers: [],
  ...more,
});

const STATUS: Status = {
  version: '1.2.3',
  pid: 42,
  startedAt: 1_500,
  at: 10_000,
  dryRun: false,
  supervised: true,
  starts: { 'lvsd-lvs': 2, 'lvsd-vrrp': 1 },
  lastReload: { at: 9_000, errors: ['x'] },
  kernel: { lastPassAt: 8_000, drifts: 3, errors: 4 },
  checks: { checkers: 5, running: 1, waiting: 0, lateness: { count: 9, p50Ms: 1, p99Ms: 20, maxMs: 50 } },
  virtualServers: [
    {
      id: '10.0.0.100:80 tcp',
      scheduler: 'sed',
      up: true,
      since: 2_000,
      weight: 2,
      quorum: 1,
      hysteresis: 0,
      realServers: [
        server('10.0.0.11:80', { agent: { percent: 75, mode: 'ready' } }),
        server('10.0.0.12:80', { up: false, drain: { kind: 'drained' }, kernel: undefined as never }),
      ],
      sorryServers: [{ ...server('10.0.0.20:80'), inUse: false }],
      leaving: [],
      overflow: {
        mode: 'connections',
        active: 100,
        inactive: 412,
        sorryActive: 200,
        sorryInactive: 7,
        turned: 5312,
        turnedPerSecond: 38,
        places: 0,
        fullSince: 4_000,
        transitions: 3,
      },
      sessions: {
        space: 'shop',
        places: 100,
        timeoutMs: 30_000,
        door: 'open',
        poolMark: 1,
        sorryMark: 2,
        sessions: 90,
        fullSince: 6_000,
        transitions: 3,
        free: 10,
        admitted: 1000,
        turnedAway: 55,
      },
    },
  ],
  vrrp: {
    pid: 43,
    startedAt: 0,
    groups: [],
    drops: { vrid_err: 2 },
    lateness: { p50Ms: 0.1, p99Ms: 1, maxMs: 4 },
    instances: [
      {
        name: 'VI "1"',
        state: 'MASTER',
        since: 0,
        cause: '',
        family: 'ipv4',
        version: 3,
        virtualRouterId: 1,
        priority: { effective: 90, configured: 100 },
        advertIntMs: 1000,
        addresses: { held: [], missing: ['10.0.0.100'], unwanted: ['10.0.0.101', '10.0.0.102'] },
        handedOver: true,
        drifts: 8,
        lastDrift: { at: 7_000, text: 'x' },
        counts: {
          advertsReceived: 5,
          advertsSent: 6,
          priorityZeroReceived: 0,
          priorityZeroSent: 1,
          becameMaster: 2,
          releasedMaster: 1,
          transitions: 4,
          drops: { chk_err: 7 },
          odd: { addr_list_mismatch: 6 },
        },
        lastHeardAt: 9_500,
        trackersDown: ['script web is down: 10 less'],
        waitingFor: [],
      },
    ],
  },
};

async function scrape(status: Status = STATUS, tally = new CheckTally()): Promise<string> {
  const usage = { cpuSeconds: 1.5, residentBytes: 1e6 };
  return (await formatMetrics({ status, usage, tallies: tally.summary(), boundsMs: BOUNDS_MS })).text;
}

describe('metrics', () => {
  const POOL = 'virtual_server="10.0.0.100:80 tcp"';
  const claims: readonly string[] = [
    'lvsd_info{version="1.2.3"} 1',
    'lvsd_start_time_seconds 1.5',
    'lvsd_process_starts_total{process="lvsd-lvs"} 2',
    'lvsd_last_reload_successful 0',
    'lvsd_ipvs_drifts_total 3',
    'lvsd_ipvs_errors_total 4',
    'lvsd_ipvs_failing 0',
    'lvsd_check_lateness_seconds{quantile="0.99"} 0.02',
    `lvsd_virtual_server_up{${POOL}} 1`,
    `lvsd_real_server_up{${POOL},real_server="10.0.0.12:80"} 0`,
    `lvsd_real_server_draining{${POOL},real_server="10.0.0.12:80"} 1`,
    `lvsd_real_server_agent_ratio{${POOL},real_server="10.0.0.11:80"} 0.75`,
    `lvsd_real_server_active_connections{${POOL},real_server="10.0.0.11:80"} 12`,
    `lvsd_sorry_server_in_use{${POOL},sorry_server="10.0.0.20:80"} 0`,
    `lvsd_overflow_turned_total{${POOL}} 5312`,
    `lvsd_overflow_full_since_seconds{${POOL}} 4`,
    `lvsd_overflow_free_places{${POOL}} 0`,
    `lvsd_session_admissions_total{${POOL},space="shop"} 1000`,
    `lvsd_session_door_open{${POOL},space="shop"} 1`,
    `lvsd_session_full_since_seconds{${POOL},space="shop"} 6`,
    `lvsd_session_transitions_total{${POOL},space="shop"} 3`,
    'lvsd_vrrp_up 1',
    'lvsd_vrrp_instance_state{vrrp_instance="VI \\"1\\"",state="MASTER"} 1',
    'lvsd_vrrp_instance_state{vrrp_instance="VI \\"1\\"",state="BACKUP"} 0',
    'lvsd_vrrp_instance_priority{vrrp_instance="VI \\"1\\""} 90',
    'lvsd_vrrp_instance_priority_configured{vrrp_instance="VI \\"1\\""} 100',
    'lvsd_vrrp_instance_trackers_down{vrrp_instance="VI \\"1\\""} 1',
    'lvsd_vrrp_instance_addresses_unwanted{vrrp_instance="VI \\"1\\""} 2',
    'lvsd_vrrp_last_advert_received_time_seconds{vrrp_instance="VI \\"1\\""} 9.5',
    'lvsd_vrrp_handed_over{vrrp_instance="VI \\"1\\""} 1',
    'lvsd_vrrp_drifts_total{vrrp_instance="VI \\"1\\""} 8',
    'lvsd_vrrp_odd_adverts_total{vrrp_instance="VI \\"1\\"",reason="addr_list_mismatch"} 6',
    'lvsd_vrrp_dropped_total{vrrp_instance="VI \\"1\\"",reason="chk_err"} 7',
    'lvsd_vrrp_unowned_dropped_total{reason="vrid_err"} 2',
    'lvsd_vrrp_lateness_seconds{quantile="1"} 0.004',
  ];
  for (const claim of claims) {
    it(claim, async () => assert.ok((await scrape()).split('\n').includes(claim), await scrape()));
  }

  it('count checks by type and result, and how long they take', async () => {
    const tally = new CheckTally();
    for (const ms of [0.5, 1, 30, 60_000]) tally.record('TCP_CHECK', ms > 100 ? 'failed' : 'ok', ms);
    const text = await scrape(STATUS, tally);
    for (const line of [
      'lvsd_checks_total{type="TCP_CHECK",result="ok"} 3',
      'lvsd_checks_total{type="TCP_CHECK",result="failed"} 1',
      'lvsd_check_duration_seconds_bucket{type="TCP_CHECK",le="0.001"} 2',
      'lvsd_check_duration_seconds_bucket{type="TCP_CHECK",le="0.05"} 3',
      'lvsd_check_duration_seconds_bucket{type="TCP_CHECK",le="+Inf"} 4',
      'lvsd_check_duration_seconds_sum{type="TCP_CHECK"} 60.0315',
      'lvsd_check_duration_seconds_count{type="TCP_CHECK"} 4',
    ])
      assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  });

  it('leave out what has no value, and say that lvsd-vrrp does not answer', async () => {
    const { vrrp: _, starts: __, lastReload: ___, ...rest } = STATUS;
    const bare = await scrape({ ...rest, virtualServers: [] });
    assert.doesNotMatch(bare, /vrrp|virtual_server|reload|starts|undefined|NaN/);
    assert.match(await scrape({ ...STATUS, vrrp: { error: 'silent' } }), /^lvsd_vrrp_up 0$/m);
  });

  it('are each told with help and type, once, and all of their names are those of the list', async () => {
    const text = await scrape();
    const told = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    assert.equal(new Set(told).size, told.length);
    const known = new Set(DEFINITIONS.map(({ name }) => name));
    assert.equal(known.size, DEFINITIONS.length);
    assert.deepEqual(
      told.filter((name) => !known.has(name ?? '')),
      [],
    );
  });

  it('have no label that Prometheus gives them: job, and instance for whom it asked', () => {
    const labels = DEFINITIONS.flatMap((one) => one.labels);
    assert.deepEqual(
      labels.filter((label) => ['instance', 'job'].includes(label)),
      [],
    );
  });

  it('are named as Prometheus wants: lvsd_, units spelt out, _total for counters and for them alone', () => {
    for (const { name, type, help } of DEFINITIONS) {
      assert.match(name, /^lvsd_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(name, /_ms$|_percent$/);
      assert.match(help, /^\w.*\.$/, name);
    }
  });

  it('are as many as the configuration is long, whoever sends what', async () => {
    const samples = (text: string) =>
      text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const [pool] = STATUS.virtualServers;
    assert.ok(pool);
    const twice = { ...STATUS, virtualServers: [pool, { ...pool, id: 'other' }] };
    const [one, two] = [samples(await scrape()), samples(await scrape(twice))];
    assert.ok(two - one < 60, `${two - one} for a virtual server of three`);
  });

  const document = join(root, 'docs/metrics.md');
  const TABLE = /<!-- metrics -->\n([\s\S]*?)<!-- end -->/;
  const table = [
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...DEFINITIONS.map(
      ({ name, type, labels, help }) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
    ),
  ].join('\n');

  it('are those of docs/metrics.md (UPDATE_DOCS=1 npx mocha writes it anew)', () => {
    const text = readFileSync(document, 'utf8');
    if (process.env.UPDATE_DOCS !== undefined)
      writeFileSync(document, text.replace(TABLE, `<!-- metrics -->\n${table}\n<!-- end -->`));
    else assert.equal(TABLE.exec(text)?.[1]?.trim(), table);
  });
});
