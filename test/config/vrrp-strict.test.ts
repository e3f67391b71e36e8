/** strict_mode: what keepalived passes over is passed over here too, with a warning, and what makes another protocol of it is refused. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { load } from '../support/config.js';
import { cleanInstance, instanceText, saidInstance } from '../support/vrrp-text.js';

describe('accept mode and strict mode', () => {
  for (const [lines, accepts] of [
    ['', true],
    ['no_accept', false],
    ['no_accept\npriority 255', true],
    ['strict_mode\nversion 3', false],
    ['strict_mode\nversion 3\naccept', true],
    ['strict_mode\nversion 3\nstate MASTER', true],
  ] as const)
    it(`"${lines.replaceAll('\n', ', ')}" ${accepts ? 'accepts' : 'does not accept'} packets to the addresses`, () =>
      assert.equal(cleanInstance(lines).accept, accepts));
});

describe('strict mode', () => {
  it('sends one set of gratuitous ARP, and no advert to lower ones', () => {
    const { garp, lowerPrioNoAdvert } = cleanInstance('strict_mode');
    assert.deepEqual([garp.masterDelayMs, garp.lowerPrioRepeat, lowerPrioNoAdvert], [0, 0, true]);
  });

  it('does not do what global_defs says otherwise', () => {
    const globals = [
      'vrrp_lower_prio_no_advert off',
      'vrrp_higher_prio_send_advert',
      'vrrp_down_timer_adverts 7',
      'vrrp_garp_lower_prio_repeat 3',
      'vrrp_garp_master_delay 3',
    ];
    const text = `global_defs {\nvrrp_strict\n${globals.join('\n')}\n}\n${instanceText()}`;
    const { config, messages } = load(text);
    const one = config?.vrrp?.instances[0];
    assert.deepEqual(
      [one?.lowerPrioNoAdvert, one?.higherPrioSendAdvert, one?.downTimerAdverts],
      [true, false, 3],
    );
    assert.deepEqual([one?.garp.lowerPrioRepeat, one?.garp.masterDelayMs, messages], [0, 0, []]);
  });

  const standing = ({ initialState, priority }: InstanceConfig) => [initialState, priority];
  const OTHER_STATE = 'MASTER has priority 255, and who has it is MASTER';
  const ONE_SET = 'gratuitous ARP is sent on becoming master';
  for (const [lines, why, found, expected] of [
    ['state MASTER\npriority 200', OTHER_STATE, standing, ['BACKUP', 200]],
    ['state BACKUP\npriority 255', OTHER_STATE, standing, ['MASTER', 255]],
    [
      'authentication {\nauth_type PASS\nauth_pass x\n}',
      'the RFCs have taken it back',
      (one) => one.authentication,
      undefined,
    ],
    ['preempt_delay 3', 'preemption is at once', (one) => one.preemptDelayMs, 0],
    ['accept', 'VRRPv2 has no accept mode', (one) => one.accept, false],
    ['down_timer_adverts 7', 'a master is gone after three adverts', (one) => one.downTimerAdverts, 3],
    [
      'lower_prio_no_advert off',
      'an advert of lower priority is not answered',
      (one) => one.lowerPrioNoAdvert,
      true,
    ],
    [
      'higher_prio_send_advert',
      'an advert of higher priority is not answered',
      (one) => one.higherPrioSendAdvert,
      false,
    ],
    ['garp_master_delay 3', 'there is no second set of gratuitous ARP', (one) => one.garp.masterDelayMs, 0],
    ['garp_master_refresh 3', ONE_SET, (one) => one.garp.masterRefreshMs, 0],
    ['garp_lower_prio_repeat 3', ONE_SET, (one) => one.garp.lowerPrioRepeat, 0],
    ['garp_lower_prio_delay 3', ONE_SET, (one) => one.garp.lowerPrioDelayMs, 0],
  ] as readonly (readonly [string, string, (one: InstanceConfig) => unknown, unknown])[]) {
    const [keyword = ''] = lines.split(/\s/);
    it(`passes over "${lines.replaceAll('\n', ', ')}", and says so`, () => {
      const { instance, messages } = saidInstance(`${lines}\nstrict_mode`);
      assert.deepEqual(messages, [`4:1: warning: ${keyword}: ignored in strict mode: ${why}`]);
      assert.deepEqual(instance && found(instance), expected);
    });
  }

  it('passes over vmac_xmit_base: adverts come from the macvlan', () => {
    const { instance, messages } = saidInstance('use_vmac\nvmac_xmit_base\nstrict_mode');
    assert.deepEqual(messages, [
      '5:1: warning: vmac_xmit_base: ignored in strict mode: adverts come from the virtual MAC address',
    ]);
    assert.equal(instance?.vmac?.xmitBase, false);
  });

  it('passes over a MAC address of use_vmac', () => {
    const { instance, messages } = saidInstance('use_vmac v9 02:00:00:00:00:09\nstrict_mode');
    assert.deepEqual(messages, [
      '4:1: warning: use_vmac: 02:00:00:00:00:09 is ignored in strict mode: a virtual router has one that follows from its number',
    ]);
    assert.deepEqual([instance?.vmac?.interface, instance?.vmac?.macAddress], ['v9', '00:00:5e:00:01:33']);
    assert.equal(cleanInstance('use_vmac v9\nstrict_mode').vmac?.macAddress, '00:00:5e:00:01:33');
  });

  it('leaves nopreempt in force where it passes over state MASTER', () => {
    assert.equal(saidInstance('strict_mode\nstate MASTER\npriority 150\nnopreempt').instance?.preempt, false);
  });

  it('says nothing of what is as it has it', () => {
    for (const lines of ['garp_master_delay 0', 'lower_prio_no_advert', 'state BACKUP', 'state MASTER'])
      assert.deepEqual(saidInstance(`strict_mode\n${lines}`).messages, [], lines);
  });

  it('is that of vrrp_strict unless an instance says otherwise', () => {
    const said = (lines: string) =>
      load(`global_defs {\nvrrp_strict\n}\n${instanceText(`preempt_delay 3\n${lines}`)}`).messages;
    assert.deepEqual(said(''), [
      '7:1: warning: preempt_delay: ignored in strict mode: preemption is at once',
    ]);
    assert.deepEqual(said('strict_mode off'), []);
  });

  it('would have a link-local address first, and holds another all the same', () => {
    const { instance, messages } = saidInstance('strict_mode', { address: '2001:db8::1' });
    assert.deepEqual(messages, [
      '3:21: warning: address: not in strict mode: the first address should be a link-local one',
    ]);
    assert.equal(instance?.virtualAddresses.length, 1);
    assert.deepEqual(saidInstance('strict_mode', { address: 'fe80::1' }).messages, []);
  });

  for (const [lines, keyword, why] of [
    ['unicast_peer { 10.0.0.2 }', 'unicast_peer', 'VRRP is multicast'],
    ['unicast_fault_no_peer', 'unicast_fault_no_peer', 'VRRP is multicast'],
    [
      'virtual_ipaddress_excluded { 10.0.0.2 }',
      'virtual_ipaddress_excluded',
      'all addresses have the virtual MAC',
    ],
  ] as const) {
    it(`refuses ${keyword}`, () =>
      assert.deepEqual(saidInstance(`${lines}\nstrict_mode\ninterface eth0\nuse_vmac`).messages, [
        `4:1: error: ${keyword}: not in strict mode: ${why}`,
      ]));
  }
});
