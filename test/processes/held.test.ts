import assert from 'node:assert/strict';
import { heldOf } from '../../src/processes/held.js';
import { destination, key, mark, service } from '../support/ipvs-values.js';

const dr = destination('10.0.0.12', { forwarding: { method: 'dr' } });

describe('processes/held', () => {
  it('is where clients connect to, and where real servers answer from by NAT', () => {
    const services = [
      service({ destinations: [destination('10.0.0.11', { port: 8080 }), dr] }),
      service({ key: key('10.0.0.100', 53, 'udp'), destinations: [destination('10.0.0.13', { port: 53 })] }),
    ];
    assert.deepEqual(heldOf(services, ['10.0.0.200']), {
      virtual: [{ address: '10.0.0.100', port: 80 }],
      real: [
        { address: '10.0.0.11', port: 8080, protocol: 'tcp' },
        { address: '10.0.0.13', port: 53, protocol: 'udp' },
      ],
    });
  });

  it('is every port of the addresses that move, for services of marks', () => {
    const services = [service({ key: mark(5), destinations: [destination('10.0.0.11', { port: 0 })] })];
    assert.deepEqual(heldOf(services, ['10.0.0.200']), {
      virtual: [{ address: '10.0.0.200', port: 0 }],
      real: [{ address: '10.0.0.11', port: 0, protocol: undefined }],
    });
  });
});
