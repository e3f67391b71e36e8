/** A configuration file → Config, or what is wrong with it. */
import { hostname, userInfo } from 'node:os';
import { buildConfig, type Machine } from './build.js';
import type { Config, Diagnostic } from './config.js';
import { expandFile } from './expand.js';
import { createInterpreter } from './interpret.js';
import { grammarOf } from './keyword.js';
import { tokens } from './lexer.js';
import { namesFrom } from './names.js';
import { createParser } from './parser.js';
import { fileReader, type Reader } from './reader.js';
import { createReport, formatDiagnostic } from './report.js';
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
  const diagnostics = report.diagnostics();
  return diagnostics.some(({ severity }) => severity === 'error') ? { diagnostics } : { config, diagnostics };
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
