/** A configuration file → Config, or what is wrong with it. */
import { hostname, userInfo } from 'node:os';
import { buildConfig, type Machine } from './build.js';
import type { Config, Diagnostic } from './config.js';
import { expandFile } from './expand.js';
import { createInterpreter } from './interpret.js';
import { grammarOf, type Values } from './keyword.js';
import { tokens } from './lexer.js';
import { namesFrom } from './names.js';
import { createParser } from './parser.js';
import { fileReader, type Reader } from './reader.js';
import { createReport, formatDiagnostic, type Report } from './report.js';
import type { root } from './schema/root.js';
import { blocksOf, schema } from './schema.js';

export { formatDiagnostic };

export type LoadOptions = {
  /** What `@ID` lines are compared with: the configuration id, by default the host name up to its first dot. */
  readonly configId?: string;
  /** What `${_ENV NAME}` reads; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly reader?: Reader;
  /** At least 0, below 1: for `${_RANDOM}`. */
  readonly random?: () => number;
  /** Host name and the user scripts run as when the file names none. */
  readonly machine?: Machine;
  /** What runs until now: names that were chosen for it stay. */
  readonly running?: Config;
  /** A piece of a file, which need not have anything to do. */
  readonly piece?: boolean;
};

/** `config` is there when no diagnostic is an error. Diagnostics are in the order of the text. */
export type Loaded = { readonly config?: Config; readonly diagnostics: readonly Diagnostic[] };

/** Reads a file with all it includes. Never throws for anything a file may hold. */
export function loadConfig(file: string, options: LoadOptions = {}): Loaded {
  const reader = options.reader ?? fileReader;
  const machine = options.machine ?? thisMachine(reader);
  const report = createReport();
  const context = { report, names: namesFrom(reader), unsupported: false, blocksOf };
  const interpreter = createInterpreter(schema.keywords, context);
  const parser = createParser(grammarOf(schema), report, interpreter.take);
  expandFile(file, {
    reader,
    report,
    instance: options.configId || machine.hostName.replace(/\..*/, ''),
    environment: options.env ?? process.env,
    random: options.random ?? Math.random,
    emit: (line) => {
      for (const token of tokens(line)) parser.token(token);
    },
  });
  parser.end();
  const config = buildConfig(interpreter.values, machine, report, options.running);
  if (options.piece !== true && !hasDuties(interpreter.values) && !hasErrors(report))
    report.error(
      { file, line: 1, column: 1 },
      `nothing to do in ${file}: neither virtual_server nor vrrp_instance`,
    );
  const diagnostics = report.diagnostics();
  return hasErrors(report) ? { diagnostics } : { config, diagnostics };
}

function hasErrors(report: Report): boolean {
  return report.diagnostics().some(({ severity }) => severity === 'error');
}

/** What gives lvsd something to do. */
const DUTIES = [
  'virtual_server',
  'vrrp_instance',
  'vrrp_sync_group',
  'static_ipaddress',
  'static_routes',
  'static_rules',
] as const;

/** Without any the file is the wrong one, or somebody emptied it: all that runs would be taken away. */
function hasDuties(values: Values<typeof root>): boolean {
  return DUTIES.some((duty) => (values[duty] ?? []).length > 0);
}

/** keepalived's script user is kept where it exists. */
function thisMachine(reader: Reader): Machine {
  const users = reader.read('/etc/passwd');
  const exists = 'text' in users && /^keepalived_script:/m.test(users.text);
  return {
    hostName: hostname(),
    userName: userName(),
    ...(exists ? { scriptUser: { user: 'keepalived_script' } } : {}),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in /etc/passwd.
    return 'lvsd';
  }
}
