/** Names of the interfaces that instances make: as keepalived 2.2 chooses them, and never the same twice. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.js';
import type { LoadOptions } from '../../src/config/load.js';
import { loadFiles } from '../support/config.js';

type Line = {
  readonly name: string;
  readonly dev: string;
  readonly vip?: string;
  readonly id?: number;
  /** `use_vmac` unless given. */
  readonly use?: string;
};

/** One line each, so that places in messages can be counted. */
function file(...instances: readonly Line[]): string {
  return instances
    .map(
      ({ name, dev, vip = '10.0.0.100', id = 51, use = 'use_vmac' }) =>
        `vrrp_instance ${name} { \ninterface ${dev}\nvirtual_router_id ${id}\n${use}\nvirtual_ipaddress {\n${vip}\n}\n}`,
    )
    .join('\n');
}

function load(text: string, options: LoadOptions = {}): Config {
  const { config, messages } = loadFiles({ 't.conf': text }, options);
  assert.deepEqual(messages, []);
  return config ?? assert.fail();
}

/** `NAME INTERFACE` of each instance. */
function names({ vrrp }: Config): readonly string[] {
  return (vrrp?.instances ?? []).flatMap(({ name, vmac, ipvlan, addressVmacs }) =>
    [...[vmac ?? ipvlan].filter((made) => made !== undefined), ...addressVmacs].map(
      (made) => `${name} ${made.interface}`,
    ),
  );
}

describe('names of made interfaces', () => {
  it('one number on two interfaces and in two families: each has a name of its own, in the order of the file', () => {
    const text = file(
      { name: 'A', dev: 'eth0' },
      { name: 'B', dev: 'eth1' },
      { name: 'C', dev: 'eth0', vip: 'fe80::100' },
      { name: 'D', dev: 'eth1', vip: 'fe80::101' },
      { name: 'E', dev: 'eth0', vip: 'fe80::102', id: 60 },
      { name: 'F', dev: 'eth0', id: 60 },
    );
    assert.deepEqual(names(load(text)), [
      'A vrrp.51',
      'B vrrp1.51',
      'C vrrp6.51',
      'D vrrp2.51',
      'E vrrp.60',
      'F vrrp1.60',
    ]);
  });

  it('of use_ipvlan too, and vmac_prefix is kept', () => {
    const text = file({ name: 'A', dev: 'eth0', use: 'use_ipvlan 10.0.0.5/24' }, { name: 'B', dev: 'eth1' });
    assert.deepEqual(names(load(text)), ['A vrrp.51', 'B vrrp1.51']);
    const prefixed = names(load(`global_defs {\nvmac_prefix v\n}\n${text}`));
    assert.deepEqual(prefixed, ['A v.51', 'B v1.51']);
  });

  it('a name in the file is not given to another one before it', () => {
    const text = file({ name: 'A', dev: 'eth0' }, { name: 'B', dev: 'eth1', use: 'use_vmac vrrp.51' });
    assert.deepEqual(names(load(text)), ['A vrrp1.51', 'B vrrp.51']);
  });

  it('a name that is in the file twice is an error at its place', () => {
    const text = file(
      { name: 'A', dev: 'eth0', use: 'use_vmac lan' },
      { name: 'B', dev: 'eth1', use: 'use_ipvlan lan 10.0.0.5' },
    );
    assert.deepEqual(loadFiles({ 't.conf': text }).messages, [
      '12:1: error: interface "lan": vrrp_instance "A" makes one of that name',
    ]);
  });

  it('macvlans of addresses come in their turn: behind the own one of their instance, before that of the next', () => {
    const use = 'use_vmac\nuse_vmac_addr';
    const text = file(
      { name: 'A', dev: 'eth0', vip: '10.0.0.100\n10.0.0.101 dev eth8', use },
      { name: 'B', dev: 'eth1', vip: 'fe80::100\nfd00::1 dev eth9', use },
      { name: 'C', dev: 'eth2' },
    );
    assert.deepEqual(names(load(text)), [
      'A vrrp.51',
      'A vrrp1.51',
      'B vrrp6.51',
      'B vrrp2.51',
      'C vrrp3.51',
    ]);
  });

  it('macvlans of addresses do not clash, and their addresses are on them', () => {
    const use = 'use_vmac_addr';
    const text = file(
      { name: 'A', dev: 'eth0', vip: '10.0.0.100 dev eth8', use },
      { name: 'B', dev: 'eth1', vip: '10.0.0.101 dev eth9', use },
    );
    const config = load(text);
    assert.deepEqual(names(config), ['A vrrp.51', 'B vrrp1.51']);
    assert.deepEqual(
      config.vrrp?.instances.map(({ virtualAddresses }) => virtualAddresses[0]?.interface),
      ['vrrp.51', 'vrrp1.51'],
    );
  });

  describe('after a reload', () => {
    const [a, b] = [
      { name: 'A', dev: 'eth0' },
      { name: 'B', dev: 'eth1' },
    ];

    it('those who run keep their names, whoever comes before them now', () => {
      const running = load(file(a, b));
      const first = { name: 'new', dev: 'eth2' };
      assert.deepEqual(names(load(file(first, b, a), { running })), [
        'new vrrp2.51',
        'B vrrp1.51',
        'A vrrp.51',
      ]);
      assert.deepEqual(names(load(file(b), { running })), ['B vrrp1.51']);
    });

    it('but not when it is another virtual router now, or the file gives the name to another one', () => {
      const running = load(file(a, b));
      assert.deepEqual(names(load(file({ ...b, id: 7 }), { running })), ['B vrrp.7']);
      const taken = { ...a, use: 'use_vmac vrrp1.51' };
      assert.deepEqual(names(load(file(taken, b), { running })), ['A vrrp1.51', 'B vrrp.51']);
    });

    it('macvlans of addresses keep theirs too', () => {
      const use = 'use_vmac_addr';
      const [one, two] = [
        { ...a, vip: '10.0.0.100 dev eth8', use },
        { ...b, vip: '10.0.0.101 dev eth9', use },
      ];
      const running = load(file(one, two));
      assert.deepEqual(names(load(file(two), { running })), ['B vrrp1.51']);
    });
  });
});
