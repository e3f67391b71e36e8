import assert from 'node:assert/strict';
import { answersDirectly, closedOf, heldOf } from '../../src/processes/held.js';
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

  it('knows connections that are over by their state, in either family, and no others', () => {
    const line = (protocol: string, state: string) =>
      `${protocol} 0A000001 9C40 0A000064 0050 0A00000B 0050 ${state.padEnd(11)}      80`;
    const v6 = (first: string, last: string) => `${first}:0000:0000:0000:0000:0000:0000:${last}`;
    const lines = [
      'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData',
      line('TCP', 'TIME_WAIT'),
      `TCP ${v6('fd00', '0001')} 9C41 ${v6('fd00', '0064')} 0050 ${v6('fd00', '0011')} 0050 CLOSE             8`,
      ...['ESTABLISHED', 'SYN_RECV', 'CLOSE_WAIT', 'LAST_ACK'].map((state) => line('TCP', state)),
      line('UDP', 'UDP'),
      line('SCTP', 'CLOSED'),
    ];
    assert.deepEqual(closedOf(lines, { finWait: false }), [
      { client: { address: '10.0.0.1', port: 40_000 }, virtual: { address: '10.0.0.100', port: 80 } },
      { client: { address: 'fd00::1', port: 40_001 }, virtual: { address: 'fd00::64', port: 80 } },
    ]);
  });

  it('is direct where no real server answers through the director', () => {
    assert.equal(answersDirectly([service({ destinations: [dr] })]), true);
    assert.equal(answersDirectly([service({ destinations: [dr, destination()] })]), false);
  });

  it('counts FIN_WAIT in where the kernel chooses anew then', () => {
    const lines = ['TCP 0A000001 9C40 0A000064 0050 0A00000B 0050 FIN_WAIT         80'];
    assert.deepEqual(
      [false, true].map((finWait) => closedOf(lines, { finWait }).length),
      [0, 1],
    );
  });
});
