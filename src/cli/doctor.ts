/** `lvsd doctor`: what on this machine would keep lvsd, or the load balancing, from working. */
import { hostname } from 'node:os';
import colors from 'picocolors';
import { formatDiagnostic, type Loaded, loadConfig } from '../config/load.js';
import { readSettings } from '../settings.js';
import { examine } from './doctor/examine.js';
import { type DoctorReport, exitCode, type Finding } from './doctor/finding.js';
import { formatReport } from './doctor/text.js';
import { onTerminal } from './terminal.js';

export type DoctorFlags = {
  readonly file?: string;
  readonly configId?: string;
  readonly stateDir?: string;
  readonly json?: true;
};

/** Prints the report; 0 when nothing is wrong, warnings aside, otherwise 1. */
export async function doctor({ json, ...flags }: DoctorFlags): Promise<number> {
  const startedAt = performance.now();
  const { file, configId, stateDir } = readSettings(flags);
  const loaded = loadConfig(file, { configId });
  const { findings, asked } =
    loaded.config === undefined ? { findings: [], asked: {} } : await examine(loaded.config, stateDir);
  const report: DoctorReport = {
    file,
    host: hostname(),
    findings: [...fileFindings(file, loaded), ...findings],
    asked,
    tookMs: Math.round(performance.now() - startedAt),
  };
  console.log(
    json === true
      ? JSON.stringify(report, undefined, 2)
      : formatReport(report, colors.createColors(onTerminal())),
  );
  return exitCode(report.findings);
}

function fileFindings(file: string, { config, diagnostics }: Loaded): readonly Finding[] {
  const [first] = diagnostics.filter(({ severity }) => config !== undefined || severity === 'error');
  if (first === undefined) return [];
  const refused = config === undefined;
  return [
    {
      severity: refused ? 'error' : 'warning',
      check: 'configuration',
      what: formatDiagnostic(first),
      meaning: refused
        ? 'lvsd does not start with this file; nothing else was looked at.'
        : `It may not mean what was meant; the file has ${diagnostics.length} warning(s).`,
      mend: `lvsd check -f ${file}`,
    },
  ];
}
