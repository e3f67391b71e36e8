import assert from 'node:assert/strict';
import { Lateness } from '../src/lateness.js';

describe('checkers/lateness', () => {
  it('tells the median, the 99th of a hundred and the worst', () => {
    const lateness = new Lateness();
    for (let i = 0; i < 98; i++) lateness.record(0, 3);
    lateness.record(0, 180);
    lateness.record(0, 900.5);
    assert.deepEqual(lateness.summary(0), { count: 100, p50Ms: 5, p99Ms: 200, maxMs: 901 });
  });

  it('is all zeros before the first start', () => {
    assert.deepEqual(new Lateness().summary(0), { count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });

  it('has no bound for the very late but the worst itself', () => {
    const lateness = new Lateness();
    lateness.record(0, 99_999);
    assert.equal(lateness.summary(0).p99Ms, 99_999);
  });

  it('forgets a start between one and two minutes after it', () => {
    const lateness = new Lateness();
    lateness.record(0, 700);
    assert.equal(lateness.summary(59_999).maxMs, 700);
    assert.equal(lateness.summary(60_000).maxMs, 700);
    assert.equal(lateness.summary(120_000).maxMs, 0);
    lateness.record(200_000, 1);
    assert.deepEqual(lateness.summary(500_000), { count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });
});
