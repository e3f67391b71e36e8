/** What lvsd-lvs asks of lvsd-vrrp, and takes back when nobody waits for it. In simulated time. */
import assert from 'node:assert/strict';
import { type Asker, createAsker } from '../../src/processes/ask.js';
import type { FromChild, VrrpReply } from '../../src/processes/messages.js';
import { vrrpRoutes, whetherObeyed } from '../../src/processes/vrrp-routes.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';

const MOVED: VrrpReply = { kind: 'handover', results: [] };

describe('questions to lvsd-vrrp', () => {
  let clock: FakeClock;
  let sent: FromChild[];
  let asker: Asker;

  beforeEach(() => {
    clock = createFakeClock();
    sent = [];
    asker = createAsker(clock, (message) => sent.push(message) > 0);
  });

  const idOf = (message: FromChild | undefined) =>
    message !== undefined && 'id' in message ? message.id : assert.fail();
  /** Each with the number of the question. */
  const kinds = () => sent.map((message) => `${message.kind} ${1 + idOf(message) - idOf(sent[0])}`);

  it('are answered each by its own reply, and nothing is taken back then', async () => {
    const requester = new AbortController();
    const [first, second] = [
      asker.ask({ what: 'handover' }, 1000, requester.signal),
      asker.ask({ what: 'obeyed' }, 1000),
    ];
    asker.heard(idOf(sent[1]), { kind: 'obeyed' });
    asker.heard(idOf(sent[0]), MOVED);
    requester.abort();
    clock.advance(2000);
    assert.deepEqual([await first, await second], [MOVED, { kind: 'obeyed' }]);
    assert.deepEqual(kinds(), ['request 1', 'request 2']);
  });

  it('that have no answer in time are taken back: a process that comes to itself does not carry them out', async () => {
    const answer = asker.ask({ what: 'handover' }, 1000);
    clock.advance(999);
    assert.deepEqual(kinds(), ['request 1']);
    clock.advance(1);
    assert.deepEqual(await answer, { kind: 'refused', text: 'lvsd-vrrp did not answer within 1 s' });
    assert.deepEqual(kinds(), ['request 1', 'withdraw 1']);
  });

  it('a hand-over whose requester goes away is taken back at once', async () => {
    const requester = new AbortController();
    const { 'POST /v1/vrrp/handover': handover } = vrrpRoutes(asker.ask);
    const answer = handover?.(new URLSearchParams({ instance: 'VI_1' }), requester.signal);
    requester.abort();
    await answer;
    const id = idOf(sent[0]);
    assert.deepEqual(sent, [
      { kind: 'request', id, request: { what: 'handover', instance: 'VI_1' } },
      { kind: 'withdraw', id },
    ]);
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('whether lvsd-vrrp has followed a reload: yes, there is none, or why that is not known', async () => {
    for (const reply of [{ kind: 'obeyed' }, { kind: 'absent' }] as const) {
      const answer = whetherObeyed(asker.ask);
      asker.heard(idOf(sent.at(-1)), reply);
      assert.equal(await answer, undefined);
    }
    const silent = whetherObeyed(asker.ask);
    clock.advance(9999);
    assert.equal(await Promise.race([silent, Promise.resolve('waits')]), 'waits');
    clock.advance(1);
    assert.equal(await silent, 'lvsd-vrrp did not answer within 10 s');
  });
});
