/** Two virtual servers never write one service of the kernel. */
import assert from 'node:assert/strict';
import type { ServiceKey } from '../../src/ipvs/table.js';
import { claimServices } from '../../src/pool/claims.js';
import { serviceText } from '../../src/pool/text.js';
import { realServer, virtualServer } from '../support/pools.js';

function at(port: number, last = 100): ServiceKey {
  return { kind: 'address', family: 'ipv4', protocol: 'tcp', address: `10.0.0.${last}`, port };
}

describe('pool/claims', () => {
  it('a service that two name belongs to the first, and the second keeps the rest', () => {
    const { granted, refused } = claimServices([
      virtualServer({ id: 'web', services: [at(80), at(443)] }),
      virtualServer({ id: 'other', services: [at(443), at(8080), at(443, 101)] }),
    ]);
    assert.deepEqual(
      granted.map(({ id, services }) => [id, ...services.map(serviceText)].join(' ')),
      ['web tcp 10.0.0.100:80 tcp 10.0.0.100:443', 'other tcp 10.0.0.100:8080 tcp 10.0.0.101:443'],
    );
    assert.deepEqual(refused, [
      { virtualServer: 'other', text: 'tcp 10.0.0.100:443 of other belongs to web: ignored here' },
    ]);
  });

  it('of two with one id the first counts, and the second claims nothing', () => {
    const first = virtualServer({ id: 'web', services: [at(80)], realServers: [realServer(1)] });
    const { granted, refused } = claimServices([
      first,
      virtualServer({ id: 'web', services: [at(8080)] }),
      virtualServer({ id: 'other', services: [at(8080)] }),
    ]);
    assert.deepEqual(granted, [first, virtualServer({ id: 'other', services: [at(8080)] })]);
    assert.deepEqual(refused, [
      { virtualServer: 'web', text: 'web is configured twice: the second is ignored' },
    ]);
  });
});
