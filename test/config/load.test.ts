import assert from 'node:assert/strict';
import { load, loadClean } from '../support/config.js';

const MINIMAL = `
virtual_server 10.0.0.100 80 {
  delay_loop 2
  lb_algo wlc
  lb_kind DR
  protocol TCP
  real_server 10.0.0.11 80 {
    TCP_CHECK {
    }
  }
}
`;

describe('loadConfig', () => {
  it('gives a virtual server with every default filled in', () => {
    const config = loadClean(MINIMAL);
    assert.deepEqual(config.virtualServers, [
      {
        id: '10.0.0.100:80 tcp',
        services: [{ kind: 'address', family: 'ipv4', protocol: 'tcp', address: '10.0.0.100', port: 80 }],
        scheduler: 'wlc',
        flags: { hashed: false, onePacket: false, sched1: false, sched2: false, sched3: false },
        quorum: 1,
        hysteresis: 0,
        omega: false,
        sorryServers: [],
        drainTimeoutMs: 60_000,
        realServers: [
          {
            id: '10.0.0.11:80',
            family: 'ipv4',
            address: '10.0.0.11',
            port: 80,
            weight: 1,
            upperThreshold: 0,
            lowerThreshold: 0,
            forwarding: { method: 'dr' },
            inhibitOnFailure: false,
            slowStartMs: 0,
            checkers: [{ id: config.checkers[0]?.id, alpha: false }],
          },
        ],
      },
    ]);
    const [{ id, ...checker } = { id: '' }] = config.checkers;
    assert.match(id, /^10\.0\.0\.100:80 tcp\/10\.0\.0\.11:80\/TCP_CHECK@/);
    assert.deepEqual(checker, {
      type: 'TCP_CHECK',
      virtualServer: '10.0.0.100:80 tcp',
      realServer: '10.0.0.11:80',
      connection: { family: 'ipv4', address: '10.0.0.11', port: 80, fwmark: 0, timeoutMs: 5000 },
      retry: 1,
      delayBeforeRetryMs: 1000,
      delayLoopMs: 2000,
      warmupMs: 2000,
      alpha: false,
      logAllFailures: false,
    });
  });

  it('gives no configuration when anything is an error, and says all that is wrong', () => {
    const { config, messages } = load(MINIMAL.replace('wlc', 'rrr').replace('10.0.0.11 80', '10.0.0.300 80'));
    assert.equal(config, undefined);
    assert.equal(messages.length, 2);
    assert.match(messages[0] ?? '', /^4:11: error: lb_algo "rrr": expected one of rr, wrr, /);
    assert.match(messages[1] ?? '', /^7:15: error: real_server "10\.0\.0\.300": expected a numeric/);
  });
});
