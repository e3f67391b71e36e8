/** State, priority and preemption of an instance: what one of them says of the others. */
import assert from 'node:assert/strict';
import { load } from '../support/config.js';
import { cleanInstance, instanceText, saidInstance } from '../support/vrrp-text.js';

describe('state and priority', () => {
  for (const [lines, state, priority] of [
    ['', 'BACKUP', 100],
    ['priority 254', 'BACKUP', 254],
    ['priority 255', 'MASTER', 255],
    ['state MASTER', 'MASTER', 255],
    ['state MASTER\npriority 150', 'MASTER', 150],
    ['state BACKUP\npriority 255', 'BACKUP', 255],
  ] as const) {
    it(`"${lines.replace('\n', ', ')}" is ${state} with priority ${priority}`, () => {
      const { initialState, priority: built } = cleanInstance(lines);
      assert.deepEqual([initialState, built], [state, priority]);
    });
  }

  it('strict mode takes priority 255 without a state', () => {
    const { instance, messages } = saidInstance('strict_mode\npriority 255');
    assert.deepEqual([instance?.initialState, messages], ['MASTER', []]);
  });
});

describe('preemption', () => {
  for (const [lines, reason] of [
    ['state MASTER\npriority 150', 'state MASTER'],
    ['priority 255', 'priority 255'],
    ['state BACKUP\npriority 255', 'priority 255'],
  ] as const) {
    it(`nopreempt cannot go with "${lines.replace('\n', ', ')}"`, () => {
      const { instance, messages } = saidInstance(`nopreempt\n${lines}`);
      assert.equal(instance?.preempt, true);
      assert.deepEqual(messages, [`4:1: warning: nopreempt: ignored, it cannot go with ${reason}`]);
    });
  }

  for (const [lines, reason] of [
    ['state MASTER\npriority 150', 'state MASTER'],
    ['priority 255', 'priority 255'],
  ] as const) {
    it(`preempt_delay cannot go with "${lines.replace('\n', ', ')}"`, () => {
      const { instance, messages } = saidInstance(`preempt_delay 7\n${lines}`);
      assert.equal(instance?.preemptDelayMs, 0);
      assert.deepEqual(messages, [`4:1: warning: preempt_delay: ignored, it cannot go with ${reason}`]);
    });
  }

  it('preempt_delay 0 goes with everything', () =>
    assert.equal(cleanInstance('state MASTER\npreempt_delay 0').preemptDelayMs, 0));

  it('both are as asked for in a backup', () => {
    assert.equal(cleanInstance('nopreempt').preempt, false);
    assert.equal(cleanInstance('preempt_delay 7').preemptDelayMs, 7000);
  });

  it('timer_expired_backup needs a nopreempt that counts', () =>
    assert.match(
      load(instanceText('timer_expired_backup 100\nnopreempt\npriority 255')).messages.join(),
      /4:1: warning: timer_expired_backup: ignored, it needs nopreempt/,
    ));
});
