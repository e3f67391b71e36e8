import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import type { PoolEvent } from '../../src/pool/pool.js';
import { noticeOf } from '../../src/processes/lvs-notice.js';
import { realServer, virtualServer } from '../support/pools.js';

const server = (kind: 'server-up' | 'server-down'): PoolEvent => ({
  kind,
  virtualServer: 'any',
  realServer: '10.0.0.1:80',
  reason: 'because',
  script: undefined,
});
const quorum = (kind: 'quorum-gained' | 'quorum-lost'): PoolEvent => ({
  kind,
  virtualServer: 'any',
  weight: 1,
  reason: 'because',
  script: undefined,
});

describe('processes/lvs-notice', () => {
  const address = virtualServer();
  const six = virtualServer({
    services: [{ kind: 'address', family: 'ipv6', protocol: 'udp', address: '2001:db8::1', port: 53 }],
  });
  const group = virtualServer({ id: 'group web' });
  const mark = virtualServer({ services: [{ kind: 'fwmark', family: 'ipv4', fwmark: 7 }] });

  // As keepalived 2.2.7 writes them.
  const lines: readonly (readonly [PoolEvent, VirtualServerConfig, string])[] = [
    [server('server-up'), address, 'RS [10.0.0.1]:tcp:80 [10.0.0.100]:tcp:80 UP\n'],
    [server('server-down'), address, 'RS [10.0.0.1]:tcp:80 [10.0.0.100]:tcp:80 DOWN\n'],
    [quorum('quorum-gained'), address, 'VS [10.0.0.100]:tcp:80 UP\n'],
    [quorum('quorum-lost'), six, 'VS [2001:db8::1]:udp:53 DOWN\n'],
    [server('server-up'), group, 'RS [10.0.0.1]:tcp:80 [web]:0 UP\n'],
    [quorum('quorum-gained'), group, 'VS [web]:0 UP\n'],
    [server('server-down'), mark, 'RS [10.0.0.1]:none:80 FWM 7 DOWN\n'],
    [quorum('quorum-lost'), mark, 'VS FWM 7 DOWN\n'],
  ];
  for (const [event, config, line] of lines)
    it(`tells a FIFO ${line.trim()}`, () => assert.deepEqual(noticeOf(event, config), { line }));

  it('mails of what is to be mailed of', () => {
    const alerting = virtualServer({ smtpAlert: true, realServers: [realServer(1, { smtpAlert: true })] });
    assert.deepEqual(noticeOf(quorum('quorum-lost'), alerting).mail, {
      subject: 'Virtualserver [10.0.0.100]:tcp:80 - DOWN',
      body: 'because',
    });
    assert.deepEqual(noticeOf(server('server-up'), alerting).mail, {
      subject: 'Realserver [10.0.0.1]:tcp:80 of virtual server [10.0.0.100]:tcp:80 - UP',
      body: 'because',
    });
  });

  it('says nothing of drains, which keepalived does not know', () => {
    const drained = {
      kind: 'drain-begun',
      virtualServer: 'any',
      realServer: '10.0.0.1:80',
      reason: 'because',
      script: undefined,
    } as const;
    assert.deepEqual(noticeOf(drained, address), {});
  });
});
