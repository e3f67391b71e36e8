/** What the file says of the things that instances follow: every option with a value of its own, and what it is without. */
import assert from 'node:assert/strict';
import type { VrrpConfig } from '../../src/vrrp/config.js';
import type { ScriptConfig, TrackedConfig, TrackProcessConfig } from '../../src/vrrp/track/config.js';
import { load, loadClean } from '../support/config.js';

/** These blocks, and an instance with these lines. */
function textOf(blocks: string, lines: string): string {
  return `${blocks}\nvrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n${lines}\n}\n`;
}

function vrrp(blocks: string, lines = ''): VrrpConfig {
  return loadClean(textOf(blocks, lines)).vrrp ?? assert.fail('no VRRP in it');
}

function trackOf({ instances }: VrrpConfig) {
  return instances[0]?.track ?? assert.fail('no instance');
}

describe('vrrp_script', () => {
  const block = (lines: string) => `vrrp_script s {\nscript "/bin/check 'a b'"\n${lines}\n}`;
  const built = (lines: string, before = '') => {
    const config = vrrp(before + block(lines), 'track_script { s }');
    return { script: config.scripts[0], tracked: trackOf(config).scripts[0] };
  };
  const USUAL: ScriptConfig = {
    name: 's',
    script: { argv: ['/bin/check', 'a b'] },
    intervalMs: 1000,
    timeoutMs: 1000,
    rise: 1,
    fall: 1,
    initFail: false,
  };

  it('is run once a second, believed at once, and its failure is a fault', () =>
    assert.deepEqual(built(''), { script: USUAL, tracked: { name: 's', weight: 0, reverse: false } }));

  for (const [line, expected] of [
    ['interval 2.5', { intervalMs: 2500, timeoutMs: 2500 }],
    ['interval 0.125', { intervalMs: 125, timeoutMs: 125 }],
    ['interval 0', {}],
    ['timeout 3.5', { timeoutMs: 3500 }],
    ['rise 4', { rise: 4 }],
    ['fall 5', { fall: 5 }],
    ['init_fail', { initFail: true }],
    ['user nobody', { script: { ...USUAL.script, user: 'nobody' } }],
    ['user nobody nogroup', { script: { ...USUAL.script, user: 'nobody', group: 'nogroup' } }],
    ['user nobody:nogroup', { script: { ...USUAL.script, user: 'nobody', group: 'nogroup' } }],
  ] as const)
    it(`"${line}" is that and nothing else`, () =>
      assert.deepEqual(built(line), {
        script: { ...USUAL, ...expected },
        tracked: { name: 's', weight: 0, reverse: false },
      }));

  for (const [line, weight, reverse] of [
    ['weight 6', 6, false],
    ['weight -7', -7, false],
    ['weight 8 reverse', 8, true],
    ['weight 9 noreverse', 9, false],
  ] as const)
    it(`"${line}" is that of whoever follows it without a weight`, () =>
      assert.deepEqual(built(line), { script: USUAL, tracked: { name: 's', weight, reverse } }));

  it('all of them together', () => {
    const lines = 'fall 5\nrise 4\ninit_fail\nuser nobody\nweight 6 reverse\ninterval 2.5\ntimeout 3.5';
    assert.deepEqual(built(lines), {
      script: {
        name: 's',
        script: { argv: ['/bin/check', 'a b'], user: 'nobody' },
        intervalMs: 2500,
        timeoutMs: 3500,
        rise: 4,
        fall: 5,
        initFail: true,
      },
      tracked: { name: 's', weight: 6, reverse: true },
    });
  });

  it('runs as script_user unless it has a user of its own', () => {
    const globals = 'global_defs {\nscript_user daemon bin\n}\n';
    assert.deepEqual(built('', globals).script?.script, {
      argv: ['/bin/check', 'a b'],
      user: 'daemon',
      group: 'bin',
    });
    assert.deepEqual(built('user nobody', globals).script?.script, {
      argv: ['/bin/check', 'a b'],
      user: 'nobody',
    });
  });

  for (const line of ['rise 0', 'fall 0', 'interval x', 'timeout -1', 'weight 254', 'weight -254'])
    it(`"${line}" is an error at its place`, () =>
      assert.match(
        load(textOf(block(line), 'track_script { s }')).messages.join(),
        new RegExp(`^3:\\d+: error: ${line.split(' ')[0]} `),
      ));
});

describe('track_file', () => {
  const block = (lines: string) => `track_file f {\nfile /run/number\n${lines}\n}`;
  const built = (lines: string) => {
    const config = vrrp(block(lines), 'track_file { f }');
    return { file: config.trackFiles[0], tracked: trackOf(config).files[0] };
  };
  const USUAL = {
    file: { name: 'f', path: '/run/number' },
    tracked: { name: 'f', weight: 1, reverse: false },
  };

  it('is not made, and counts as it is', () => assert.deepEqual(built(''), USUAL));

  for (const [line, init] of [
    ['init_file', { value: 0, overwrite: false }],
    ['init_file 7', { value: 7, overwrite: false }],
    ['init_file -8', { value: -8, overwrite: false }],
    ['init_file overwrite', { value: 0, overwrite: true }],
    ['init_file 9 overwrite', { value: 9, overwrite: true }],
  ] as const)
    it(`"${line}" is that and nothing else`, () =>
      assert.deepEqual(built(line), { ...USUAL, file: { ...USUAL.file, init } }));

  for (const [line, weight, reverse] of [
    ['weight 3', 3, false],
    ['weight -254', -254, false],
    ['weight 4 reverse', 4, true],
    ['weight 0', 0, false],
  ] as const)
    it(`"${line}" is that of whoever follows it without a weight`, () =>
      assert.deepEqual(built(line), { ...USUAL, tracked: { name: 'f', weight, reverse } }));

  it('vrrp_track_file is the old name', () => {
    const { config, messages } = load(textOf(`vrrp_${block('weight 3')}`, 'track_file { f }'));
    assert.deepEqual(messages, ['1:1: warning: vrrp_track_file is an old name: write track_file']);
    assert.deepEqual(config?.vrrp?.instances[0]?.track.files, [{ name: 'f', weight: 3, reverse: false }]);
  });

  it('needs a file', () =>
    assert.deepEqual(load(textOf('track_file f {\n}', '')).messages, [
      '1:1: error: track_file "f": expected file PATH in it',
    ]));
});

describe('vrrp_track_process', () => {
  const block = (lines: string) => `vrrp_track_process p {\nprocess /usr/sbin/named -u bind\n${lines}\n}`;
  const built = (lines: string) => {
    const config = vrrp(block(lines), 'track_process { p }');
    return { process: config.trackProcesses[0], tracked: trackOf(config).processes[0] };
  };
  const USUAL: TrackProcessConfig = {
    name: 'p',
    command: '/usr/sbin/named',
    args: ['-u', 'bind'],
    fullCommand: false,
    quorum: 1,
    forkDelayMs: 0,
    terminateDelayMs: 0,
  };
  const FAULT: TrackedConfig = { name: 'p', weight: 0, reverse: false };

  it('is one process or more of that name, believed at once, and its absence is a fault', () =>
    assert.deepEqual(built(''), { process: USUAL, tracked: FAULT }));

  for (const [line, expected] of [
    ['param_match initial', { paramMatch: 'initial' }],
    ['param_match partial', { paramMatch: 'partial' }],
    ['quorum 3', { quorum: 3 }],
    ['quorum_max 4', { quorumMax: 4 }],
    ['quorum_max 0', { quorumMax: 0 }],
    ['fork_delay 1.5', { forkDelayMs: 1500 }],
    ['terminate_delay 2.5', { terminateDelayMs: 2500 }],
    ['delay 3.5', { forkDelayMs: 3500, terminateDelayMs: 3500 }],
    ['delay 3.5\nfork_delay 1.5', { forkDelayMs: 1500, terminateDelayMs: 3500 }],
    ['terminate_delay 2.5\ndelay 3.5', { forkDelayMs: 3500, terminateDelayMs: 2500 }],
    ['full_command', { fullCommand: true }],
  ] as const)
    it(`"${line.replace('\n', ', ')}" is that and nothing else`, () =>
      assert.deepEqual(built(line), { process: { ...USUAL, ...expected }, tracked: FAULT }));

  for (const [line, weight, reverse] of [
    ['weight 3', 3, false],
    ['weight -254 reverse', -254, true],
  ] as const)
    it(`"${line}" is that of whoever follows it without a weight`, () =>
      assert.deepEqual(built(line), { process: USUAL, tracked: { name: 'p', weight, reverse } }));
});

describe('track blocks', () => {
  const blocks = [
    'vrrp_script x {\nscript /bin/true\nweight 11\n}',
    'track_file x {\nfile /run/x\nweight 12\n}',
    'vrrp_track_process x {\nprocess x\nweight 13\n}',
    'virtual_server 10.0.0.9 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.0.0.8 80 {\n}\n}',
  ].join('\n');
  const one = (name: string, weight: number) => [{ name, weight, reverse: false }];

  it('each takes the weight of its own things, though they have one name', () => {
    const lines =
      'track_interface { x }\ntrack_script { x }\ntrack_file { x }\ntrack_process { x }\ntrack_pool { 10.0.0.9 80 }';
    assert.deepEqual(trackOf(vrrp(blocks, lines)), {
      interfaces: one('x', 0),
      scripts: one('x', 11),
      files: one('x', 12),
      processes: one('x', 13),
      pools: one('10.0.0.9:80 tcp', 0),
    });
  });

  it('the weight of a line comes before that', () => {
    const lines =
      'track_interface { x weight 20 }\ntrack_script { x weight 21 }\ntrack_file { x weight 22 }\ntrack_process { x weight 23 }\ntrack_pool { 10.0.0.9 80 weight 24 }';
    assert.deepEqual(trackOf(vrrp(blocks, lines)), {
      interfaces: one('x', 20),
      scripts: one('x', 21),
      files: one('x', 22),
      processes: one('x', 23),
      pools: one('10.0.0.9:80 tcp', 24),
    });
  });
});

describe('interface_up_down_delays', () => {
  it('the loss comes first, then the return, which is believed at once without it', () =>
    assert.deepEqual(vrrp('interface_up_down_delays {\neth0 1.75 2.5\neth1 3\n}').interfaceDelays, [
      { interface: 'eth0', downDelayMs: 1750, upDelayMs: 2500 },
      { interface: 'eth1', downDelayMs: 3000, upDelayMs: 0 },
    ]));

  it('has errors at their places', () =>
    assert.deepEqual(load(textOf('interface_up_down_delays {\neth0\neth1 256\n}', '')).messages, [
      '2:1: error: interface_up_down_delays "eth0": expected the seconds a loss of link must last after it',
      '3:6: error: interface_up_down_delays "256": expected seconds between 0 and 255',
    ]));
});

describe('a tracker named twice', () => {
  const THINGS = [
    'virtual_server 10.0.0.9 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.0.0.3 80 {\n}\n}',
    'vrrp_script x {\nscript /bin/x\n}',
    'track_file x {\nfile /run/x\n}',
    'vrrp_track_process x {\nprocess x\n}',
  ].join('\n');
  for (const [keyword, kind, name, again] of [
    ['track_interface', 'interfaces', 'x', 'x'],
    ['track_script', 'scripts', 'x', 'x'],
    ['track_file', 'files', 'x', 'x'],
    ['track_process', 'processes', 'x', 'x'],
    ['track_pool', 'pools', '10.0.0.9 80', '10.0.0.9 80 TCP'],
  ] as const) {
    it(`${keyword}: counts once, as the first line has it, and the other one is named`, () => {
      const twice = `${keyword} {\n${name} weight 5\n${again} weight 7\n}\n${keyword} { ${name} }`;
      const { config, messages } = load(textOf(THINGS, twice));
      const weights = config?.vrrp?.instances[0]?.track[kind].map(({ weight }) => weight);
      const said = (text: string) =>
        `warning: ${keyword} "${text}" is given twice: the one of line 21 counts`;
      assert.deepEqual(weights, [5]);
      assert.deepEqual(
        messages.filter((message) => !message.includes('not run')),
        [`22:1: ${said(again)}`, `24:${keyword.length + 4}: ${said(name)}`],
      );
    });
  }

  it('in a group too, where a weight that cannot count is told of all the same', () => {
    const group = 'vrrp_sync_group G {\ngroup { VI }\ntrack_interface {\nx\nx\n}\n}';
    const own = 'track_interface {\ny weight 4\ny weight 5\n}';
    const { config, messages } = load(`${textOf(group, own)}`);
    assert.equal(config?.vrrp?.syncGroups[0]?.track.interfaces.length, 1);
    assert.deepEqual(messages, [
      '5:1: warning: track_interface "x" is given twice: the one of line 4 counts',
      '12:1: warning: track_interface "y": failing is FAULT, its weight 4 cannot count: in vrrp_sync_group "G" it needs sync_group_tracking_weight',
      '13:1: warning: track_interface "y" is given twice: the one of line 12 counts',
    ]);
  });
});

describe("track_interface of an instance's own interface", () => {
  const WARNING = 'track_interface "eth0": ignored, it is the instance\'s own interface';
  const read = (text: string) => {
    const { config, messages } = load(text);
    return { interfaces: config?.vrrp?.instances[0]?.track.interfaces, messages };
  };
  const lines = 'track_interface {\neth0 weight 30\neth1 weight 5\n}';

  it('does not count, by name or by default, with or without dont_track_primary', () => {
    for (const other of ['', 'interface eth0', 'interface eth0\ndont_track_primary'])
      assert.deepEqual(read(textOf('', `${lines}\n${other}`)), {
        interfaces: [{ name: 'eth1', weight: 5, reverse: false }],
        messages: [`6:1: warning: ${WARNING}`],
      });
  });

  it('is told of once, in a sync group too', () => {
    const { messages } = read(
      `${textOf('', 'track_interface { eth0 weight 30 }')}vrrp_sync_group G { group { VI } }`,
    );
    assert.deepEqual(messages, [`5:19: warning: ${WARNING}`]);
  });
});

describe('other faults of an instance', () => {
  const instance = (lines: string) => vrrp('', lines).instances[0] ?? assert.fail();

  it('dont_track_primary and track_src_ip are off unless they are there', () => {
    const said = (lines: string) => {
      const { dontTrackPrimary, trackSrcIp } = instance(lines);
      return [dontTrackPrimary, trackSrcIp];
    };
    assert.deepEqual(['', 'dont_track_primary', 'track_src_ip'].map(said), [
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  it('unicast_fault_no_peer is off unless it is there', () => {
    const said = (lines: string) => {
      const { transport } = instance(`interface eth0\nunicast_peer {\n10.0.0.2\n}\n${lines}`);
      return transport.kind === 'unicast' && transport.faultNoPeer;
    };
    assert.deepEqual(['', 'unicast_fault_no_peer'].map(said), [false, true]);
  });

  it('without it, an instance that has no peer is multicast, and the file is told so', () => {
    const lines = 'interface eth0\nunicast_peer {\n}';
    const { config, messages } = load(textOf('', lines));
    assert.deepEqual(config?.vrrp?.instances[0]?.transport, { kind: 'multicast', group: '224.0.0.18' });
    assert.deepEqual(messages, [
      '6:1: warning: unicast_peer: there is no peer in it, so adverts are multicast: unicast_fault_no_peer makes it FAULT',
    ]);
    const { transport } = instance(`${lines}\nunicast_fault_no_peer`);
    assert.ok(transport.kind === 'unicast' && transport.faultNoPeer && transport.peers.length === 0);
  });
});
