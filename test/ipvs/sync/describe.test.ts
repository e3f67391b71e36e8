import assert from 'node:assert/strict';
import { parseConnection } from '../../../src/ipvs/sync/connection.js';
import { createDescribe } from '../../../src/ipvs/sync/describe.js';
import type { Forwarding } from '../../../src/ipvs/table.js';
import { destination, key, mark, service } from '../../support/ipvs-values.js';

const INACTIVE = 0x100;
const TEMPLATE = 0x1000;
const DR = 0x83;

type Parts = { proto?: string; cport?: string; to?: string; vport?: string; real?: string; state?: string };

function line({
  proto = 'TCP',
  cport = 'C350',
  to = '0A000064',
  vport = '0050',
  real = '0A00000B',
  state = 'ESTABLISHED',
}: Parts) {
  const connection = parseConnection(
    `${proto} 0A000001 ${cport} ${to} ${vport} ${real} ${vport} ${state} 77`,
  );
  assert.ok(connection);
  return connection;
}

function describeWith(method: Forwarding['method'], services = [{}]) {
  const forwarding = { method } as Forwarding;
  return createDescribe(
    services.map((parts) => service({ destinations: [destination('10.0.0.11', { forwarding })], ...parts })),
  );
}

describe('what a peer is told of a connection', () => {
  it('is how its packets reach the real server, as the wanted service says', () => {
    const flags = (method: Forwarding['method']) => describeWith(method)(line({}))?.flags;
    assert.deepEqual([flags('nat'), flags('dr'), flags('local')], [0, DR, 0x81]);
    const tunnel = { method: 'tun', tunnel: { type: 'ipip', port: 0, checksum: 'none' } } as const;
    const tunnelled = service({ destinations: [destination('10.0.0.11', { forwarding: tunnel })] });
    assert.equal(createDescribe([tunnelled])(line({}))?.flags, 0x82);
  });

  it('is the way of the other servers where its own has left the service, and NAT where nothing is known', () => {
    assert.equal(describeWith('dr')(line({ real: '0A000063' }))?.flags, DR);
    assert.equal(describeWith('dr')(line({ vport: '0051', real: '0A000063' }))?.flags, 0);
  });

  it('is its state by number, and whether that counts as active', () => {
    const told = (parts: Parts) => {
      const entry = describeWith('nat')(line(parts));
      return [entry?.state, entry?.flags];
    };
    assert.deepEqual(told({}), [1, 0]);
    assert.deepEqual(told({ state: 'SYN_RECV' }), [3, 0]);
    assert.deepEqual(told({ state: 'FIN_WAIT' }), [4, INACTIVE]);
    assert.deepEqual(told({ state: 'LAST_ACK' }), [8, INACTIVE]);
    assert.deepEqual(told({ proto: 'UDP', state: 'UDP' }), [0, INACTIVE]);
    assert.deepEqual(told({ proto: 'SCTP', state: 'ESTABLISHED' }), [8, 0]);
  });

  it('is nothing for a state without a number, and for a real server of the other family', () => {
    assert.equal(describeWith('nat')(line({ state: 'ERR!' })), undefined);
    const across = { ...line({}), realAddress: new Uint8Array(16) };
    assert.equal(describeWith('tun')(across), undefined);
  });

  it('is the time it has left, at least a second', () => {
    assert.equal(describeWith('nat')(line({}))?.timeoutS, 77);
    assert.equal(describeWith('nat')({ ...line({}), expiresS: 0 })?.timeoutS, 1);
  });

  it('is the whole persistence time for a template, which is renewed by that', () => {
    const persistent = { persistence: { timeoutS: 360, prefixLength: 32 } };
    const entry = describeWith('nat', [persistent])(line({ cport: '0000', state: 'NONE' }));
    assert.deepEqual([entry?.flags, entry?.state, entry?.timeoutS], [TEMPLATE, 0, 360]);
    const assured = describeWith('nat', [persistent])(line({ cport: '0000', state: 'ASSURED' }));
    assert.equal(assured?.state, 1);
  });

  it('is the mark of a service without an address, found by the real server or by the template', () => {
    const persistence = { timeoutS: 50, prefixLength: 24 };
    const describe = describeWith('dr', [{ key: mark(7), persistence }]);
    const connection = describe(line({ to: '0A000063' }));
    assert.deepEqual([connection?.fwmark, connection?.flags], [7, DR]);
    const template = line({ proto: 'IP ', cport: '0000', to: '00000007', vport: '0000', state: 'NONE' });
    assert.deepEqual([describe(template)?.fwmark, describe(template)?.timeoutS], [7, 50]);
  });

  it('is no mark where a service has the address, even one for every port', () => {
    const every = { key: key('10.0.0.100', 0), destinations: [destination('10.0.0.11', { port: 0 })] };
    const describe = describeWith('nat', [{ key: mark(7) }, every]);
    assert.equal(describe(line({}))?.fwmark, 0);
    assert.equal(describe(line({ to: '0A000063' }))?.fwmark, 7);
  });
});
