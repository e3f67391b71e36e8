/** `lvsd check`: what is wrong with a configuration file. */
import { formatDiagnostic, loadConfig } from '../config/load.js';
import { readSettings } from '../settings.js';

/** Prints each diagnostic as `FILE:LINE:COL: error|warning: text`; 0 when the file can be run, 1 when not. */
export function check(flags: { readonly file?: string; readonly configId?: string }): number {
  const { file, configId } = readSettings(flags);
  const { config, diagnostics } = loadConfig(file, { configId });
  for (const diagnostic of diagnostics) console.log(formatDiagnostic(diagnostic));
  return config === undefined ? 1 : 0;
}
