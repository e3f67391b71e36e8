import assert from 'node:assert/strict';
import colors from 'picocolors';
import { type DoctorReport, exitCode, type Finding, listed } from '../../../src/cli/doctor/finding.js';
import { formatReport } from '../../../src/cli/doctor/text.js';

const WARNING: Finding = {
  severity: 'warning',
  check: 'a',
  what: 'the sky is grey',
  meaning: 'It may rain.',
  mend: 'take umbrella',
};
const ERROR: Finding = { severity: 'error', check: 'b', what: 'it rains', meaning: 'You get wet.' };
const REPORT: DoctorReport = { file: 'lvsd.conf', host: 'd1', findings: [], asked: {}, tookMs: 1234 };

describe('doctor: the report', () => {
  const text = (more: Partial<DoctorReport>) =>
    formatReport({ ...REPORT, ...more }, colors.createColors(false));

  it('of a machine with nothing wrong is a line, and what it took', () => {
    assert.equal(text({}), 'lvsd.conf on d1: nothing is wrong\n\ntook 1.2 s');
  });

  it('tells errors first, each with what follows from it and what mends it', () => {
    assert.equal(
      text({ findings: [WARNING, ERROR] }),
      [
        'lvsd.conf on d1: 1 error, 1 warning',
        '',
        'error: it rains',
        '  You get wet.',
        '',
        'warning: the sky is grey',
        '  It may rain.',
        '  → take umbrella',
        '',
        'took 1.2 s',
      ].join('\n'),
    );
  });

  it('tells how many were asked, and how many were not', () => {
    const asked = {
      ping: { of: 1000, asked: 256, good: 250 },
      arp: { of: 0, asked: 0, good: 0 },
      http: { of: 2, asked: 2, good: 2 },
    };
    assert.match(
      text({ asked }),
      /\n\nping: 250 of 256 asked are well, 744 were not asked; http: 2 of 2 asked are well; took 1\.2 s$/,
    );
  });

  it('ends with 1 for an error, not for warnings', () => {
    assert.deepEqual([exitCode([]), exitCode([WARNING]), exitCode([WARNING, ERROR])], [0, 0, 1]);
  });

  it('names no more than fit a page', () => {
    assert.equal(listed(['a', 'b', 'c', 'd', 'e']), 'a, b, c, d, e');
    assert.equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a, b, c, d, e and 2 more');
  });
});
