/** A report as an operator reads it. Pure. */
import type { Paint } from '../vrrp-text.js';
import type { DoctorReport, Finding, Tally } from './finding.js';

export function formatReport(report: DoctorReport, paint: Paint): string {
  const { file, host, findings, asked, tookMs } = report;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const verdict =
    findings.length === 0
      ? paint.green('nothing is wrong')
      : `${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`;
  const tallies = Object.entries(asked).filter(([, { of }]) => of > 0);
  const looked = [
    ...tallies.map(([what, tally]) => formatTally(what, tally)),
    `took ${(tookMs / 1000).toFixed(1)} s`,
  ];
  return [
    `${file} on ${host}: ${verdict}`,
    ...[...errors, ...warnings].flatMap((finding) => ['', formatFinding(finding, paint)]),
    '',
    looked.join('; '),
  ].join('\n');
}

function formatFinding({ severity, what, meaning, mend }: Finding, paint: Paint): string {
  const head = severity === 'error' ? paint.red('error') : paint.yellow('warning');
  return [
    `${head}: ${what}`,
    `  ${meaning}`,
    ...(mend === undefined ? [] : [`  → ${paint.bold(mend)}`]),
  ].join('\n');
}

/** `ping: 250 of 256 answer as they ought to, of 1000` */
function formatTally(what: string, { of, asked, good }: Tally): string {
  return `${what}: ${good} of ${asked} asked are well${asked < of ? `, ${of - asked} were not asked` : ''}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
