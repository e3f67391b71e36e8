/** lvsd's own settings, which are not part of the configuration file: from the environment, then the command line. */
import convict from 'convict';

export type Settings = {
  readonly file: string;
  readonly stateDir: string;
  /** What `@ID` lines of the file are compared with; empty: the host name up to its first dot. */
  readonly configId: string;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'text' | 'json';
};

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];

/**
 * The settings in force: defaults, then LVSD_* variables of `environment`, then `flags`.
 * Throws an Error with one line per setting that is wrong.
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
        format: ['auto', 'text', 'json'],
        default: 'auto',
        env: 'LVSD_LOG_FORMAT',
      },
    },
    { env: environment, args: [] },
  );
  settings.load(Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)));
  settings.validate({ allowed: 'strict' });
  return settings.getProperties();
}
