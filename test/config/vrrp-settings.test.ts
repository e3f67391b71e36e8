/** What the file says of the VRRP process and of gratuitous ARP, each keyword with a number of its own. */
import assert from 'node:assert/strict';
import type { GarpConfig, GarpGroupConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { load, loadClean } from '../support/config.js';

function vrrp(globals: string, lines = '', more = ''): VrrpConfig {
  return loadClean(textOf(globals, lines, more)).vrrp ?? assert.fail('no VRRP in it');
}

function textOf(globals: string, lines: string, more = ''): string {
  return `global_defs {\n${globals}\n}\n${more}\nvrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n${lines}\n}\n`;
}

describe('the VRRP process', () => {
  const NOTHING = {
    startupDelayMs: 0,
    delayAfterBootMs: 0,
    noSwap: false,
    notifyFifos: [],
    fifoWriteStatesOnReload: false,
    logUnknownVrids: false,
    disableLocalIgmp: false,
  };

  for (const [line, expected] of [
    ['vrrp_rt_priority 37', { rtPriority: 37 }],
    ['vrrp_priority -7', { nice: -7 }],
    ['vrrp_no_swap', { noSwap: true }],
    ['vrrp_cpu_affinity 2 5', { cpuAffinity: [2, 5] }],
    ['vrrp_rlimit_rttime 123456', { rlimitRttimeUs: 123_456 }],
    ['vrrp_startup_delay 1.5', { startupDelayMs: 1500 }],
    ['vrrp_delay_after_boot 2.25', { delayAfterBootMs: 2250 }],
    ['fifo_write_vrrp_states_on_reload', { fifoWriteStatesOnReload: true }],
    ['log_unknown_vrids', { logUnknownVrids: true }],
    ['disable_local_igmp', { disableLocalIgmp: true }],
  ] as const)
    it(`"${line}" is that and nothing else`, () =>
      assert.deepEqual(vrrp(line).process, { ...NOTHING, ...expected }));

  it('has no settings where the file has none', () => assert.deepEqual(vrrp('').process, NOTHING));

  it('vrrp_rlimit_rtime is the old name', () => {
    const { config, messages } = load(textOf('vrrp_rlimit_rtime 123456', ''));
    assert.deepEqual(messages, ['2:1: warning: vrrp_rlimit_rtime is an old name: write vrrp_rlimit_rttime']);
    assert.equal(config?.vrrp?.process.rlimitRttimeUs, 123_456);
  });

  it('does not take the settings of the other processes for its own, and says that they are ignored', () => {
    const lines = ['rt_priority 41', 'priority -3', 'no_swap', 'cpu_affinity 1', 'rlimit_rttime 654321'];
    const all = ['checker', 'bfd'].flatMap((process) => lines.map((line) => `${process}_${line}`));
    const { config, messages } = load(textOf(all.join('\n'), ''));
    assert.deepEqual(config?.vrrp?.process, NOTHING);
    assert.equal(messages.length, all.length);
    for (const message of messages) assert.match(message, /is not supported by lvsd: ignored$/);
  });

  for (const line of [
    'vrrp_rt_priority 0',
    'vrrp_rt_priority 100',
    'vrrp_priority -21',
    'vrrp_priority 20',
    'vrrp_cpu_affinity',
    'vrrp_cpu_affinity 0 x',
    'vrrp_rlimit_rttime 0',
  ])
    it(`"${line}" is an error at its place`, () =>
      assert.match(load(textOf(line, '')).messages.join(), /^2:\d+: error: vrrp_[^,]*$/));
});

describe('gratuitous ARP', () => {
  const garpOf = (globals: string, lines = '') => vrrp(globals, lines).instances[0]?.garp;

  const USUAL: GarpConfig = {
    masterDelayMs: 5000,
    masterRepeat: 5,
    masterRefreshMs: 0,
    masterRefreshRepeat: 1,
    lowerPrioDelayMs: 5000,
    lowerPrioRepeat: 5,
  };

  /** Each keyword with its argument, in the instance and in global_defs, and what follows from it. */
  const WORDS: readonly (readonly [
    own: string,
    all: string,
    ofOwn: Partial<GarpConfig>,
    Partial<GarpConfig>,
  ])[] = [
    ['master_delay 11', 'master_delay 21', { masterDelayMs: 11_000 }, { masterDelayMs: 21_000 }],
    ['master_repeat 12', 'master_repeat 22', { masterRepeat: 12 }, { masterRepeat: 22 }],
    ['master_refresh 13', 'master_refresh 23', { masterRefreshMs: 13_000 }, { masterRefreshMs: 23_000 }],
    [
      'master_refresh_repeat 14',
      'master_refresh_repeat 24',
      { masterRefreshRepeat: 14 },
      { masterRefreshRepeat: 24 },
    ],
    [
      'lower_prio_delay 15',
      'lower_prio_delay 25',
      { lowerPrioDelayMs: 15_000 },
      { lowerPrioDelayMs: 25_000 },
    ],
    ['lower_prio_repeat 16', 'lower_prio_repeat 26', { lowerPrioRepeat: 16 }, { lowerPrioRepeat: 26 }],
    [
      'extra_if all 17',
      'extra_if 27',
      { extraIf: { intervalMs: 17_000, all: true } },
      { extraIf: { intervalMs: 27_000, all: false } },
    ],
  ];

  const together = (parts: readonly Partial<GarpConfig>[]) => Object.assign({}, ...parts) as GarpConfig;
  const instanceLines = WORDS.map(([own]) => `garp_${own}`);
  const globalLines = WORDS.map(([, all]) => `vrrp_garp_${all}`);
  const ofInstance = together(WORDS.map(([, , own]) => own));
  const ofGlobals = together(WORDS.map(([, , , all]) => all));

  it('is as usual where the file has nothing of it', () => assert.deepEqual(garpOf(''), USUAL));

  for (const [index, [own, , expected]] of WORDS.entries()) {
    it(`garp_${own} is that and nothing else`, () => {
      const line = instanceLines[index] ?? '';
      assert.deepEqual(garpOf('', line), { ...USUAL, ...expected });
      assert.deepEqual(garpOf(globalLines.join('\n'), line), { ...ofGlobals, ...expected });
    });
  }

  it('is that of global_defs where the instance has nothing of it', () =>
    assert.deepEqual(garpOf(globalLines.join('\n')), ofGlobals));

  it('is that of the instance where both have it', () =>
    assert.deepEqual(garpOf(globalLines.join('\n'), instanceLines.join('\n')), ofInstance));

  it('after an advert of lower priority it is that of a new master in global_defs', () => {
    const lines = 'vrrp_garp_master_delay 21\nvrrp_garp_master_repeat 22';
    const expected = {
      masterDelayMs: 21_000,
      masterRepeat: 22,
      lowerPrioDelayMs: 21_000,
      lowerPrioRepeat: 22,
    };
    assert.deepEqual(garpOf(lines), { ...USUAL, ...expected });
  });

  it('a set has a packet at least', () => {
    assert.deepEqual(garpOf('', 'garp_master_repeat 0\ngarp_master_refresh_repeat 0'), {
      ...USUAL,
      masterRepeat: 1,
    });
    assert.deepEqual(garpOf('vrrp_garp_master_repeat 0\nvrrp_garp_master_refresh_repeat 0'), {
      ...USUAL,
      masterRepeat: 1,
      lowerPrioRepeat: 1,
    });
    assert.equal(garpOf('', 'garp_lower_prio_repeat 0')?.lowerPrioRepeat, 0, 'but this may be none');
  });

  it('vrrp_min_garp: one packet and no second set, unless the file says more', () => {
    const least = { masterDelayMs: 0, masterRepeat: 1, lowerPrioDelayMs: 0, lowerPrioRepeat: 1 };
    assert.deepEqual(garpOf('vrrp_min_garp'), { ...USUAL, ...least });
    assert.deepEqual(garpOf('vrrp_min_garp off'), USUAL);
    const more = { masterDelayMs: 21_000, lowerPrioDelayMs: 21_000 };
    assert.deepEqual(garpOf('vrrp_min_garp\nvrrp_garp_master_delay 21'), { ...USUAL, ...least, ...more });
  });

  it('counts parts of a second', () =>
    assert.equal(garpOf('', 'garp_master_delay 0.25')?.masterDelayMs, 250));

  for (const [globals, lines, name, extraIf] of [
    ['vrrp_vmac_garp_intvl all 27', '', 'vrrp_garp_extra_if', { intervalMs: 27_000, all: true }],
    ['', 'vmac_garp_intvl 17', 'garp_extra_if', { intervalMs: 17_000, all: false }],
  ] as const) {
    it(`${name} has an old name`, () => {
      const { config, messages } = load(textOf(globals, lines));
      assert.deepEqual(config?.vrrp?.instances[0]?.garp.extraIf, extraIf);
      assert.equal(messages.length, 1);
      assert.match(messages[0] ?? '', new RegExp(`is an old name: write ${name}$`));
    });
  }
});

describe('gaps between announcements', () => {
  const lines = 'interface eth5';

  for (const [globals, own, expected] of [
    ['', '', []],
    ['vrrp_garp_interval 0.031', '', [{ interfaces: ['eth5'], garpIntervalMs: 31, gnaIntervalMs: 0 }]],
    ['vrrp_gna_interval 0.0325', '', [{ interfaces: ['eth5'], garpIntervalMs: 0, gnaIntervalMs: 32.5 }]],
    [
      '',
      'garp_group {\ngarp_interval 0.033\ngna_interval 0.034\ninterface eth5\ninterfaces {\neth6\neth7\n}\n}',
      [{ interfaces: ['eth5', 'eth6', 'eth7'], garpIntervalMs: 33, gnaIntervalMs: 34 }],
    ],
    [
      'vrrp_garp_interval 0.031\nvrrp_gna_interval 0.032',
      'garp_group {\ngna_interval 0.034\ninterface eth6\n}',
      [
        { interfaces: ['eth6'], garpIntervalMs: 0, gnaIntervalMs: 34 },
        { interfaces: ['eth5'], garpIntervalMs: 31, gnaIntervalMs: 32 },
      ],
    ],
    [
      'vrrp_garp_interval 0.031',
      'garp_group {\ngarp_interval 0.033\ninterface eth5\n}',
      [{ interfaces: ['eth5'], garpIntervalMs: 33, gnaIntervalMs: 0 }],
    ],
  ] as const satisfies readonly (readonly [string, string, readonly GarpGroupConfig[]])[]) {
    const what = [globals, own].filter(Boolean).join(' with ').replaceAll(/\s+/g, ' ') || 'no such keyword';
    it(`${what}: in milliseconds, for their interfaces`, () =>
      assert.deepEqual(vrrp(globals, lines, own).garpGroups, expected));
  }
});
