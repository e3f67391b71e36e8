/** What stands in the file and has no effect, or another than its words have, is told by name. */
import assert from 'node:assert/strict';
import { load } from '../support/config.js';
import { cleanInstance, instanceText, saidInstance } from '../support/vrrp-text.js';

describe('scripts of FIFOs', () => {
  for (const kind of ['', 'vrrp_', 'lvs_']) {
    const name = `${kind}notify_fifo`;
    it(`${name}_script is not run without ${name}`, () =>
      assert.deepEqual(load(`global_defs {\n${name}_script /bin/reader\n}\n${instanceText()}`).messages, [
        `2:1: warning: ${name}_script: not run: expected ${name} too`,
      ]));
    it(`${name}_script is run with it`, () =>
      assert.deepEqual(
        load(`global_defs {\n${name} /run/fifo\n${name}_script /bin/reader\n}\n${instanceText()}`).messages,
        [],
      ));
  }

  it('a FIFO at fault has one message', () =>
    assert.deepEqual(load(`global_defs {\nnotify_fifo fifo\nnotify_fifo_script /bin/reader\n}`).messages, [
      '2:13: error: notify_fifo "fifo": expected an absolute path',
    ]));
});

describe('use_vmac', () => {
  it('vmac_xmit_base needs it', () => {
    assert.deepEqual(saidInstance('vmac_xmit_base').messages, [
      '4:1: warning: vmac_xmit_base: ignored, it needs use_vmac',
    ]);
    assert.equal(cleanInstance('use_vmac\nvmac_xmit_base').vmac?.xmitBase, true);
  });

  for (const mac of ['01:02:03:04:05', '03:02:03:04:05:06', 'ff:ff:ff:ff:ff:ff'])
    it(`${mac} is the MAC address of a group`, () =>
      assert.deepEqual(saidInstance(`use_vmac ${mac}`).messages, [
        `4:10: error: use_vmac "${mac}": expected the MAC address of one host, not of a group`,
      ]));

  for (const mac of ['00:00:5e:00:01', '0:0:5E:0:2:7'])
    it(`${mac} is VRRP's own`, () =>
      assert.deepEqual(saidInstance(`use_vmac ${mac}`).messages, [
        `4:10: error: use_vmac "${mac}": expected another, for a virtual router has one of these where none is given`,
      ]));

  for (const [mac, full] of [
    ['00:00:5e:00:03', '00:00:5e:00:03:33'],
    ['2:0:0:A:B:C', '02:00:00:0a:0b:0c'],
  ] as const)
    it(`${mac} is ${full}`, () => assert.equal(cleanInstance(`use_vmac ${mac}`).vmac?.macAddress, full));

  it('of a static address is ignored', () =>
    assert.deepEqual(load('static_ipaddress {\n10.0.0.1 dev eth0 use_vmac\n10.0.0.2 dev eth0\n}').messages, [
      '2:1: warning: address "use_vmac": ignored: it is for addresses of an instance',
    ]));
});

describe('interface_up_down_delays', () => {
  const delays = (line: string) => `interface_up_down_delays {\n${line}\n}\n`;
  const used = (s: number, asked: number) =>
    `2:1: warning: interface_up_down_delays "eth0": ${s} s is used for its loss: after ${asked} s a backup of "VI" would have taken over`;

  for (const [line, lines, expected] of [
    ['eth0 2', '', [used(1.996, 2)]],
    ['eth0 1.99 200', '', []],
    ['eth0 5', 'advert_int 3', []],
    ['eth0 0.3', 'version 3\nadvert_int 0.1', [used(0.199, 0.3)]],
    ['eth0 5', 'down_timer_adverts 1', []],
    ['eth1 5', '', []],
    ['eth0 5', 'interface eth1', []],
  ] as const) {
    it(`${line}, ${lines.replace('\n', ', ') || 'an advert a second'}: ${expected.length === 0 ? 'as it is' : 'cut'}`, () =>
      assert.deepEqual(load(delays(line) + instanceText(lines)).messages, expected));
  }

  it('the instance that allows the least is named', () => {
    const slow = instanceText('advert_int 4', { name: 'SLOW', id: 52 });
    assert.deepEqual(load(delays('eth0 5') + slow + instanceText()).messages, [used(1.996, 5)]);
  });
});
