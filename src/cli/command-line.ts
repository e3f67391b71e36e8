/** The command line: which commands there are and what they take. Each command has a file of its own, loaded when it is run. */
import { Command, CommanderError } from 'commander';
import { SettingsError } from '../settings.js';
import { VERSION } from '../version.js';

/** Exit code of a command line that cannot be understood. */
const EXIT_USAGE = 64;
/** Of a setting in the environment that is wrong: nothing was begun. */
const EXIT_SETTINGS = 2;

/** Runs what `argv` (node, script, words …) asks for; resolves to the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('lvsd')
    .description('High-availability controller for Linux Virtual Server')
    .version(VERSION, '-v, --version')
    .exitOverride()
    .showHelpAfterError('(lvsd help shows what there is)');
  const stateDir = [
    '--state-dir <dir>',
    'directory of the socket and the state (default: /run/lvsd)',
  ] as const;
  const configId = [
    '-i, --config-id <id>',
    'which @ID lines of the file apply (default: the host name)',
  ] as const;
  const file = ['-f, --file <file>', 'configuration file (default: /etc/lvsd/lvsd.conf)'] as const;

  program
    .command('run')
    .description('check the servers and keep the kernel right, in the foreground')
    .option(...file)
    .option(...configId)
    .option('-C, --check', 'only health checks and IPVS')
    .option('-P, --vrrp', 'only VRRP')
    .option('--dry-run', 'check the servers, and only tell what would be done')
    .option(...stateDir)
    .option('-n, --dont-fork', 'accepted for keepalived: lvsd never forks away')
    .option('-l, --log-console', 'accepted for keepalived: lvsd always logs to standard error')
    .option('-D, --log-detail', 'accepted for keepalived: the log is as detailed already')
    .action(async (options) => {
      const { run } = await import('./run.js');
      code = await run(options);
    });
  program
    .command('check')
    .description('say what is wrong with a configuration file: exit 0 valid, 1 errors')
    .option(...file)
    .option(...configId)
    .action(async (options) => {
      const { check } = await import('./check.js');
      code = check(options);
    });
  program
    .command('doctor')
    .description('say what on this machine would keep lvsd or the load balancing from working')
    .option(...file)
    .option(...configId)
    .option(...stateDir)
    .option('--json', 'the same as data')
    .action(async (options) => {
      const { doctor } = await import('./doctor.js');
      code = await doctor(options);
    });
  program
    .command('status')
    .description('show virtual servers, real servers, and why each is up or down')
    .option(...stateDir)
    .option('--json', 'the same as data')
    .action(async (options) => {
      const { status } = await import('./status.js');
      code = await status(options);
    });
  program
    .command('reload')
    .description('have the running lvsd read its file again: exit 0 in force, 1 refused')
    .option(...stateDir)
    .action(async (options) => {
      const { reload } = await import('./reload.js');
      code = await reload(options);
    });
  program
    .command('metrics')
    .description('show the counters as Prometheus reads them')
    .option(...stateDir)
    .action(async (options) => {
      const { metrics } = await import('./metrics.js');
      code = await metrics(options);
    });
  program
    .command('handover')
    .description('give a vrrp_instance, with its sync group, or all of them to the other director')
    .argument('[instance]', 'name of the vrrp_instance (default: all)')
    .option('--back', 'let priorities decide again: the higher one takes its addresses back')
    .option(...stateDir)
    .action(async (instance, options) => {
      const { handover } = await import('./handover.js');
      code = await handover(instance, options);
    });
  program
    .command('drain')
    .description(
      'give a real server no newcomers: it leaves when its connections end, or after drain_timeout',
    )
    .argument('<virtual-server>', 'as status shows it, such as "10.0.0.100:80 tcp"')
    .argument('<real-server>', 'such as 10.0.0.11:80')
    .option('--undo', 'give it newcomers again')
    .option(...stateDir)
    .action(async (virtualServer, realServer, options) => {
      const { drain } = await import('./drain.js');
      code = await drain(virtualServer, realServer, options);
    });

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message);
    return EXIT_SETTINGS;
  }
}
