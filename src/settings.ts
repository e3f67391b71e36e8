/** lvsd's own settings, which are not part of the configuration file: from the environment, then the command line. */
import convict from 'convict';

export type Settings = {
  readonly file: string;
  readonly stateDir: string;
  /** What `@ID` lines of the file are compared with; empty: the host name up to its first dot. */
  readonly configId: string;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'text' | 'journal' | 'json';
};

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const LOG_FORMATS = ['auto', 'text', 'journal', 'json'];

/** A setting that is wrong: one line each. */
export class SettingsError extends Error {}

/**
 * The settings in force: defaults, then LVSD_* variables of `environment`, then `flags`.
 * Throws a SettingsError.
 */
export function readSettings(
  flags: Partial<Settings>,
  environment: NodeJS.ProcessEnv = process.env,
): Settings {
  const settings = convict<Settings>(
    {
      file: { doc: 'configuration file', format: String, default: '/etc/lvsd/lvsd.conf', env: 'LVSD_FILE' },
      stateDir: {
        doc: 'directory of the socket and the state',
        format: String,
        default: '/run/lvsd',
        env: 'LVSD_STATE_DIR',
      },
      configId: {
        doc: 'what @ID lines are compared with',
        format: String,
        default: '',
        env: 'LVSD_CONFIG_ID',
      },
      logLevel: { doc: 'least severity logged', format: LOG_LEVELS, default: 'info', env: 'LVSD_LOG_LEVEL' },
      logFormat: {
        doc: 'form of log lines',
        format: LOG_FORMATS,
        default: 'auto',
        env: 'LVSD_LOG_FORMAT',
      },
    },
    { env: environment, args: [] },
  );
  // What is loaded would give way to the environment.
  for (const [name, value] of Object.entries(flags)) if (value !== undefined) settings.set(name, value);
  const { logLevel, logFormat } = settings.getProperties();
  const errors = [
    unexpected('LVSD_LOG_LEVEL', logLevel, LOG_LEVELS),
    unexpected('LVSD_LOG_FORMAT', logFormat, LOG_FORMATS),
  ].filter((error) => error !== undefined);
  if (errors.length > 0) throw new SettingsError(errors.join('\n'));
  settings.validate({ allowed: 'strict' });
  return settings.getProperties();
}

/** convict knows neither the variable nor how to put it in a line. */
function unexpected(variable: string, value: string, expected: readonly string[]): string | undefined {
  return expected.includes(value)
    ? undefined
    : `${variable} "${value}": expected one of ${expected.join(', ')}`;
}
