import assert from 'node:assert/strict';
import type { RegexConfig } from '../../src/checkers/config.js';
import { matchBody } from '../../src/checkers/regex-match.js';

function match(pattern: string, body: string, more: Partial<RegexConfig> = {}): boolean {
  return matchBody({ pattern, flags: '', noMatch: false, minOffset: 0, ...more }, Buffer.from(body));
}

describe('checkers/regex-match', () => {
  it('finds a match that starts within the offsets, both counted', () => {
    assert.ok(match('b', 'aab', { minOffset: 2 }));
    assert.ok(!match('b', 'aba', { minOffset: 2 }));
    assert.ok(match('b', 'aab', { maxOffset: 2 }));
    assert.ok(!match('b', 'aab', { maxOffset: 1 }));
    assert.ok(match('bcd', 'aabcd', { minOffset: 2, maxOffset: 2 }), 'a match may end beyond');
    assert.ok(!match('a', 'a', { minOffset: 5 }));
  });

  it('looks behind the first offset', () => assert.ok(match('(?<=a)b', 'ab', { minOffset: 1 })));

  it('without u sees bytes', () => {
    assert.ok(match('^é$', 'é'));
    assert.ok(match('^..$', 'é'));
    assert.ok(match('b', 'éb', { minOffset: 2, maxOffset: 2 }));
  });

  it('with u sees characters, and still counts bytes', () => {
    assert.ok(match('^.$', 'é', { flags: 'u' }));
    assert.ok(match('b', 'éb', { flags: 'u', minOffset: 2, maxOffset: 2 }));
    assert.ok(!match('b', 'éb', { flags: 'u', maxOffset: 1 }));
  });

  it('heeds flags, and ignores those that would keep a state', () => {
    assert.ok(match('B', 'ab', { flags: 'i' }));
    assert.ok(match('b', 'ab', { flags: 'y' }));
    for (let i = 0; i < 2; i++) assert.ok(match('b', 'ab', { flags: 'g' }));
  });
});
