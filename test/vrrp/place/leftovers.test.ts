/** What was put into the kernel, and what of it a configuration does not have. */
import assert from 'node:assert/strict';
import {
  NOTHING,
  type Placed,
  parsePlaced,
  placedBy,
  placedStatics,
  together,
  unwanted,
} from '../../../src/vrrp/place/leftovers.js';
import { onMadeLink } from '../../../src/vrrp/place/made-link.js';
import { instance, vrrpConfig } from '../../support/instances.js';
import { by, routeLine, ruleLine } from '../../support/route-lines.js';

const route = (via: string) => routeLine('10.1.0.0', { nexthops: [by('eth0', via)] });
const VMAC = { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false };
const MASTER = instance({
  vmac: VMAC,
  virtualRoutes: [route('10.0.0.254')],
  virtualRules: [ruleLine({ priority: 5 })],
});

const placed = (of = MASTER) => placedBy(onMadeLink(of), true);
const sizes = ({ links, addresses, routes, rules }: Placed) =>
  [links, addresses, routes, rules].map(({ length }) => length);

describe('vrrp/place/leftovers', () => {
  it('all of a master, and the interface alone of a backup', () => {
    assert.deepEqual(sizes(placed()), [1, 1, 1, 1]);
    assert.deepEqual(sizes(placedBy(onMadeLink(MASTER), false)), [1, 0, 0, 0]);
    assert.equal(placed().addresses[0]?.line.interface, 'vrrp.51');
  });

  it('an address is there for ever without a lifetime alone, a static one always', () => {
    const forever = (of: Placed) => of.addresses.map((each) => each.forever);
    assert.deepEqual(forever(placed()), [false]);
    assert.deepEqual(forever(placed({ ...MASTER, vipLifetime: 'off' })), [true]);
    const staticAddresses = MASTER.virtualAddresses;
    assert.deepEqual(forever(placedStatics({ staticAddresses, staticRoutes: [], staticRules: [] })), [true]);
  });

  it('nothing that a configuration has is unwanted, whichever instance has it and whatever its label', () => {
    const same = vrrpConfig([{ ...MASTER, name: 'OTHER' }]);
    assert.deepEqual(unwanted(placed(), same), NOTHING);
    const labelled = MASTER.virtualAddresses.map((each) => ({ ...each, label: 'eth0:1' }));
    assert.deepEqual(unwanted(placed(), vrrpConfig([{ ...MASTER, virtualAddresses: labelled }])), NOTHING);
  });

  it('what it has otherwise is', () => {
    const other = {
      ...MASTER,
      vmac: { ...VMAC, macAddress: '02:00:00:00:00:01' },
      virtualRoutes: [route('10.0.0.1')],
    };
    assert.deepEqual(sizes(unwanted(placed(), vrrpConfig([other]))), [1, 0, 1, 0]);
    const { vmac: _, ...plain } = MASTER;
    assert.deepEqual(sizes(unwanted(placed(), vrrpConfig([plain]))), [1, 1, 0, 0]);
  });

  it('everything is where there is no configuration', () => {
    const all = together([placed(), placed()]);
    assert.deepEqual(sizes(unwanted(all, undefined)), [2, 2, 2, 2]);
  });

  it('what was saved is read with care', () => {
    assert.deepEqual(parsePlaced(JSON.parse(JSON.stringify(placed()))), placed());
    for (const data of [
      undefined,
      null,
      5,
      'text',
      [],
      { links: 5, addresses: null, routes: [null, {}], rules: [3] },
    ])
      assert.deepEqual(parsePlaced(data), NOTHING);
    const bad = { links: [{ name: 'x' }], addresses: [{ line: {} }, {}], routes: [{ to: {} }], rules: [{}] };
    assert.deepEqual(parsePlaced(bad), NOTHING);
  });
});
