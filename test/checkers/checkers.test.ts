import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import {
  type AgentUpdate,
  type CheckerState,
  createCheckers,
  type HealthUpdate,
} from '../../src/checkers/checkers.js';
import type { CheckerConfig, TcpCheckConfig } from '../../src/checkers/config.js';
import { systemClock } from '../../src/clock.js';
import { COMMON, connectionTo, SHORT_MS } from '../support/probing.js';
import { silent, useKeepers } from '../support/zoo.js';

const CLOSED = 1;

function tcp(id: string, port: number, more: Partial<TcpCheckConfig> = {}): TcpCheckConfig {
  return {
    ...COMMON,
    id,
    realServer: `r-${id}`,
    type: 'TCP_CHECK',
    connection: connectionTo(port),
    delayLoopMs: 50,
    ...more,
  };
}

describe('checkers/checkers', () => {
  const keep = useKeepers();
  const updates: HealthUpdate[] = [];
  const failures: HealthUpdate[] = [];
  const answers: AgentUpdate[] = [];
  let random = 0;
  let checkers = create();
  function create(maxSockets?: number) {
    return createCheckers({
      clock: systemClock,
      random: () => random,
      onHealth: (update) => updates.push(update),
      onFailure: (update) => failures.push(update),
      onAgent: (update) => answers.push(update),
      ...(maxSockets === undefined ? {} : { maxSockets }),
    });
  }
  beforeEach(() => {
    updates.length = 0;
    failures.length = 0;
    answers.length = 0;
    random = 0;
    checkers.stop();
    checkers = create();
  });
  after(() => checkers.stop());

  const until = async (condition: () => boolean): Promise<void> => {
    const endAt = performance.now() + 15_000;
    while (!condition()) {
      assert.ok(performance.now() < endAt, 'it never came');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const told = () => updates.map(({ checker, up, reason }) => `${checker} ${up ? 'up' : 'down'}: ${reason}`);
  const state = (id: string): CheckerState | undefined => checkers.states().find((each) => each.id === id);

  it('tells each first verdict, and every change after it, once', async () => {
    const { port, close } = await keep(silent);
    checkers.configure([tcp('a', port, { retry: 0 }), tcp('b', CLOSED)]);
    await until(() => updates.length === 2);
    assert.deepEqual(told().sort(), ['a up: check passed', 'b down: connection refused']);
    await until(() => (state('b')?.health.failures ?? 0) > 2);
    assert.equal(updates.length, 2);
    await close();
    await until(() => updates.length === 3);
    assert.equal(told()[2], 'a down: connection refused');
    const { virtualServer, realServer, since, at } = updates[2] as HealthUpdate;
    assert.deepEqual([virtualServer, realServer], ['v', 'r-a']);
    assert.ok(Math.abs(since - Date.now()) < 15_000 && Math.abs(at - performance.now()) < 15_000);
  });

  it('tells each answer of an agent, once that it gives none, and never that it is up or down', async () => {
    const lines = ['50%', 'down', 'up 20%'];
    const { port, close } = await keep((socket) => socket.end(`${lines.shift() ?? '100%'}\n`));
    checkers.configure([{ ...tcp('agent', port), type: 'AGENT_CHECK' }]);
    await until(() => answers.length >= 4);
    await close();
    await until(() => (state('agent')?.health.last?.kind ?? '') === 'unable' && failures.length > 0);
    const nextAt = state('agent')?.health.nextAt ?? 0;
    await until(() => (state('agent')?.health.nextAt ?? 0) > nextAt + 60);
    assert.deepEqual(
      answers.slice(0, 4).map(({ reply }) => reply.percent ?? reply.health?.reason),
      [50, 'down', 20, 100],
    );
    assert.deepEqual(
      failures.map(({ checker, reason }) => `${checker} ${reason}`),
      ['agent connection refused'],
    );
    assert.deepEqual(updates, []);
  });

  it('tells of failures that change nothing only where log_all_failures asks', async () => {
    checkers.configure([tcp('quiet', CLOSED), tcp('loud', CLOSED, { logAllFailures: true })]);
    await until(() => failures.length >= 2);
    assert.ok(failures.every(({ checker, reason }) => checker === 'loud' && reason === 'connection refused'));
  });

  it('spreads first checks over warmup', async () => {
    random = 0.5;
    const startedAt = performance.now();
    checkers.configure([tcp('late', CLOSED, { warmupMs: 1000 }), tcp('now', CLOSED)]);
    const endedAt = performance.now();
    const began = (id: string, laterMs: number) => (state(id)?.health.nextAt ?? 0) - laterMs;
    for (const at of [began('late', 500), began('now', 0)])
      assert.ok(at >= startedAt && at <= endedAt, `${at}`);
  });

  describe('on reload', () => {
    const settled = async (): Promise<CheckerState> => {
      checkers.configure([tcp('a', CLOSED), tcp('gone', CLOSED)]);
      await until(() => updates.length === 2);
      return state('a') as CheckerState;
    };

    it('leaves what has not changed undisturbed', async () => {
      const before = await settled();
      random = 0.9;
      checkers.configure([tcp('a', CLOSED)]);
      assert.deepEqual(state('a'), before);
      assert.equal(state('gone'), undefined);
    });

    it('keeps the state of one whose options have changed', async () => {
      const before = await settled();
      checkers.configure([tcp('a', CLOSED, { retry: 5 })]);
      const { up, since, reason } = state('a')?.health ?? {};
      assert.deepEqual([up, since, reason], [false, before.health.since, 'connection refused']);
      await until(() => (state('a')?.health.failures ?? 0) > before.health.failures);
      assert.equal(updates.length, 2);
    });

    it('starts a new one afresh', async () => {
      await settled();
      checkers.configure([tcp('new', CLOSED, { warmupMs: 60_000 })]);
      assert.deepEqual([state('new')?.health.up, state('new')?.health.tested], [true, false]);
      assert.equal(checkers.statistics().checkers, 1);
    });
  });

  it('goes on from what a predecessor knew, until it finds otherwise', async () => {
    const known = { id: 'a', up: false, since: 1_700_000_000_000, reason: 'status 503', tested: true };
    const { port } = await keep(silent);
    random = 0.5;
    checkers.configure([tcp('a', port, { warmupMs: 200 })], [known]);
    assert.deepEqual([state('a')?.health.up, state('a')?.health.reason], [false, 'status 503']);
    assert.equal(state('a')?.health.since, known.since);
    await until(() => updates.length === 1);
    assert.deepEqual(told(), ['a up: check passed']);
  });

  it('runs no more checks at a time than there may be sockets, and all in the end', async () => {
    let most = 0;
    const keeper = await keep((socket) => {
      silent(socket);
      most = Math.max(most, checkers.statistics().running);
    });
    checkers.stop();
    checkers = create(2);
    const page = {
      httpProtocol: '1.0',
      fastRecovery: false,
      urls: [{ path: '/', statusCodes: [] }],
    } as const;
    const slow = (id: string): CheckerConfig => ({
      ...tcp(id, keeper.port, { delayLoopMs: 60_000 }),
      ...page,
      type: 'HTTP_GET',
      connection: connectionTo(keeper.port, { timeoutMs: SHORT_MS }),
    });
    checkers.configure(['a', 'b', 'c', 'd', 'e'].map(slow));
    await until(() => checkers.statistics().running === 2 && checkers.statistics().waiting > 0);
    await until(() => updates.length === 5);
    assert.equal(most, 2);
    assert.ok(told().every((line) => line.endsWith('no reply within 1.5 s')));
  });

  it('closes every socket when stopped', async () => {
    const { port, open } = await keep(silent);
    const before = readdirSync('/proc/self/fd').length;
    checkers.configure([
      { ...tcp('ping', 0, { connection: connectionTo(0) }), type: 'PING_CHECK' },
      {
        ...tcp('http', port),
        type: 'HTTP_GET',
        httpProtocol: '1.0',
        fastRecovery: false,
        urls: [{ path: '/', statusCodes: [] }],
      },
    ]);
    await until(() => open() === 1);
    checkers.stop();
    await until(() => open() === 0);
    // The epoll set of these checkers was among those counted before.
    assert.ok(readdirSync('/proc/self/fd').length < before);
    assert.deepEqual(checkers.states(), []);
  });
});
