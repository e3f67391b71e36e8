/** overflow and the keywords around it: what they give, and what is said when they cannot work. */
import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { load, loadClean } from '../support/config.js';

type Parts = { readonly virtual?: string; readonly real?: string; readonly scheduler?: string };

function text({ virtual = 'sorry_server 10.0.0.20 80', real = '', scheduler = 'sed' }: Parts): string {
  return `virtual_server 10.0.0.100 80 {
lb_algo ${scheduler}
lb_kind DR
protocol TCP
${virtual}
real_server 10.0.0.11 80 {
${real}
}
}
`;
}

function one(parts: Parts): VirtualServerConfig {
  const [server] = loadClean(text(parts)).virtualServers;
  assert.ok(server);
  return server;
}

function errors(parts: Parts): readonly string[] {
  const { config, messages } = load(text(parts));
  assert.equal(config, undefined, 'expected an error');
  return messages.filter((message) => message.includes(' error: '));
}

const SORRY = 'sorry_server 10.0.0.20 80';
const LIMIT = 'uthreshold 50';

describe('overflow in the configuration', () => {
  it('is absent unless said, and drains and ramps have their defaults', () => {
    const server = one({});
    assert.equal('overflow' in server, false);
    assert.equal(server.drainTimeoutMs, 60_000);
    assert.equal(server.realServers[0]?.slowStartMs, 0);
  });

  it('gives each mode with its figures', () => {
    const mode = (words: string) => one({ virtual: `${SORRY}\noverflow ${words}`, real: LIMIT }).overflow;
    assert.deepEqual(mode('connections'), { mode: 'connections' });
    assert.deepEqual(mode('quiesce'), { mode: 'quiesce', intervalMs: 250 });
    assert.deepEqual(mode('quiesce\noverflow_interval 0.1'), { mode: 'quiesce', intervalMs: 100 });
  });

  it('takes slow_start and drain_timeout, each server its own if it has one', () => {
    const server = one({ virtual: 'slow_start 30\ndrain_timeout 0' });
    assert.deepEqual([server.drainTimeoutMs, server.realServers[0]?.slowStartMs], [0, 30_000]);
    assert.equal(one({ virtual: 'slow_start 30', real: 'slow_start 5' }).realServers[0]?.slowStartMs, 5000);
  });

  it('takes several sorry servers, weighted and checked', () => {
    const block = `sorry_server 10.0.0.20 80
sorry_server 10.0.0.21 80 {
weight 3
delay_loop 2
TCP_CHECK {
}
}`;
    const { virtualServers, checkers } = loadClean(text({ virtual: block }));
    const [checker] = checkers;
    assert.deepEqual(
      [checker?.virtualServer, checker?.realServer],
      ['10.0.0.100:80 tcp', 'sorry 10.0.0.21:80'],
    );
    assert.deepEqual(
      virtualServers[0]?.sorryServers.map(({ id, weight, checkers: refs }) => [id, weight, refs.length]),
      [
        ['sorry 10.0.0.20:80', 1, 0],
        ['sorry 10.0.0.21:80', 3, 1],
      ],
    );
  });

  it('takes the last of several plain ones, as keepalived does, and says so', () => {
    const { config, messages } = load(text({ virtual: `${SORRY}\nsorry_server 10.0.0.21 80` }));
    assert.deepEqual(
      config?.virtualServers[0]?.sorryServers.map(({ address }) => address),
      ['10.0.0.21'],
    );
    assert.match(messages.join(), /^6:1: warning: sorry_server is given twice: this one counts/);
  });

  const refused: readonly [what: string, parts: Parts, text: RegExp][] = [
    [
      'an unknown mode',
      { virtual: `${SORRY}\noverflow full` },
      /"full": expected connections, sessions N or quiesce/,
    ],
    [
      'a scheduler that shares with the sorry server',
      { virtual: `${SORRY}\noverflow connections`, real: LIMIT, scheduler: 'rr' },
      /lb_algo rr would give the sorry server a share: expected lb_algo sed or fo, or overflow quiesce/,
    ],
    [
      'persistence with connections',
      { virtual: `${SORRY}\npersistence_timeout 30\noverflow connections`, real: LIMIT },
      /expected overflow sessions N/,
    ],
    ['no sorry server', { virtual: 'overflow quiesce', real: LIMIT }, /expected a sorry_server/],
    [
      'a sorry server that is in the pool',
      { virtual: 'sorry_server 10.0.0.11 80\noverflow quiesce', real: LIMIT },
      /sorry_server 10\.0\.0\.11:80 is a real_server too/,
    ],
    ['no limit', { virtual: `${SORRY}\noverflow connections` }, /expected uthreshold/],
    [
      'a limit too large for the weights',
      { virtual: `${SORRY}\noverflow connections`, real: 'uthreshold 65534' },
      /real_server 10\.0\.0\.11:80 65535: expected more than \(uthreshold 65534 \+ 1\) × .* 65535:/,
    ],
    ['sessions without a number', { virtual: `${SORRY}\noverflow sessions` }, /number of sessions/],
  ];
  for (const [what, parts, message] of refused) {
    it(`refuses ${what}, and says what to write`, () => assert.match(errors(parts).join(), message));
  }

  it('takes the largest limit the weights allow', () => {
    assert.ok(one({ virtual: `${SORRY}\noverflow connections`, real: 'uthreshold 65533' }).overflow);
  });
});
