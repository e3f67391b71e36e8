import assert from 'node:assert/strict';
import { diffService } from '../../src/ipvs/diff.js';
import { describeDrift } from '../../src/ipvs/drift.js';
import { destination, many, mark, service } from '../support/ipvs-values.js';

describe('drift in words', () => {
  it('says what was found and that it was put right', () => {
    const want = service({ destinations: [destination(), destination('10.0.0.12', { weight: 3 })] });
    const have = service({
      scheduler: 'rr',
      destinations: [destination('10.0.0.12', { weight: 0, upperThreshold: 9 }), destination('10.0.0.66')],
    });
    assert.deepEqual(describeDrift(diffService(have, want)), [
      'tcp 10.0.0.100:80: scheduler was rr, not wlc: set back',
      'tcp 10.0.0.100:80: destination 10.0.0.11:80 was gone: added back',
      'tcp 10.0.0.100:80: destination 10.0.0.12:80: weight was 0, not 3, upper threshold was 9, not 0: set back',
      'tcp 10.0.0.100:80: destination 10.0.0.66:80 was added by someone: removed',
    ]);
  });

  it('is one line for a service that is gone with all it had', () => {
    const lines = (count: number) =>
      describeDrift(diffService(undefined, service({ key: mark(5), destinations: many(count) })));
    assert.deepEqual(lines(5000), ['fwmark 5 was gone: added back with 5000 destinations']);
    assert.deepEqual(lines(1), ['fwmark 5 was gone: added back with 1 destination']);
  });

  it('is never more than eleven lines', () => {
    const lines = describeDrift(diffService(service(), service({ destinations: many(5000) })));
    assert.equal(lines.length, 11);
    assert.equal(lines.at(-1), 'tcp 10.0.0.100:80: 4990 more differences, all put right');
  });

  it('is nothing when nothing drifted', () => {
    assert.deepEqual(describeDrift([]), []);
  });
});
