/** `npm run lab -- …`: commands for a lab that is up, started by `up` or left by `npm start -- --keep`. */
import { Lab } from './lab.js';
import { HOSTS, type HostName, SERVERS, type ServerName } from './topology.js';

const USAGE = `npm run lab -- COMMAND
  up                       boot a lab and leave it up
  down                     end it
  status                   what it runs on, its hosts, and what runs in each
  exec HOST PROGRAM [ARG…] run a program in a host, with this input and output, and exit as it does
  stop SERVER [quit]       kill a web server (quit: let it end its requests)
  start SERVER             start it again
  cut HOST | mend HOST     pull a host's cable, put it back
hosts: ${HOSTS.join(' ')}; servers: ${SERVERS.join(' ')}`;

/** A command line that cannot be carried out as it stands. */
class UsageError extends Error {}

async function main([command = 'help', ...words]: readonly string[]): Promise<number> {
  if (command === 'help' || command === '--help') return print(USAGE);
  if (command === 'up') return up();
  const act = COMMANDS[command];
  if (act === undefined) throw new UsageError(`no command "${command}"`);
  const lab = await Lab.attach();
  if (lab === undefined) throw new Error('no lab is up: npm run lab -- up, or npm start -- --keep');
  try {
    return await act(lab, words);
  } finally {
    lab.close();
  }
}

const COMMANDS: Readonly<Record<string, (lab: Lab, words: readonly string[]) => Promise<number>>> = {
  down: async (lab) => {
    lab.stop();
    return print('the lab is down');
  },
  status,
  exec: (lab, [host, ...argv]) => execute(lab, hostNamed(host), argv),
  stop: async (lab, [name, mode]) => {
    await lab.stopServer(serverNamed(name), mode === 'quit' ? 'quit' : 'kill');
    return print(`${name} does not answer any more`);
  },
  start: async (lab, [name]) => {
    await lab.startServer(serverNamed(name));
    return print(`${name} answers`);
  },
  cut: async (lab, [name]) => {
    await lab.cut(hostNamed(name));
    return print(`${name} is cut off`);
  },
  mend: async (lab, [name]) => {
    await lab.mend(hostNamed(name));
    return print(`${name} is back on the switch`);
  },
};

async function up(): Promise<number> {
  const other = await Lab.attach();
  other?.close();
  if (other !== undefined) return print('a lab is up already');
  const lab = await Lab.start({ say: print });
  await lab.keep();
  lab.close();
  return print(
    'the lab is up; d1 holds 10.0.0.100. To run lvsd: npm run lab -- exec d1 lvsd run -C -f etc/lab.conf',
  );
}

async function status(lab: Lab): Promise<number> {
  const where =
    lab.machine.kind === 'vm'
      ? `a virtual machine (process ${lab.machine.pid})`
      : 'namespaces of this machine';
  print(`Linux ${lab.kernel.release}, ${lab.kernel.ipvs ? 'with' : 'without'} ip_vs, in ${where}`);
  for (const name of lab.hostNames()) {
    const titles = (await lab.host(name).processes()).map(({ comm }) => comm);
    print(`${name.padEnd(7)} ${titles.length === 0 ? '-' : [...new Set(titles)].join(' ')}`);
  }
  return 0;
}

async function execute(lab: Lab, host: HostName, argv: readonly string[]): Promise<number> {
  if (argv.length === 0) throw new UsageError('exec: no program named');
  const program = await lab.host(host).spawn(argv, {
    onStdout: (text) => process.stdout.write(text),
    onStderr: (text) => process.stderr.write(text),
  });
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string) => program.write(text));
  process.stdin.on('end', () => program.end());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => program.kill(signal));
  const code = await program.exited;
  process.stdin.destroy();
  return code;
}

function hostNamed(name = ''): HostName {
  const host = HOSTS.find((known) => known === name);
  if (host === undefined) throw new UsageError(`no host "${name}"`);
  return host;
}

function serverNamed(name = ''): ServerName {
  const server = SERVERS.find((known) => known === name);
  if (server === undefined) throw new UsageError(`no server "${name}"`);
  return server;
}

function print(line: string): number {
  console.log(line);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error instanceof UsageError ? `lab: ${error.message}\n\n${USAGE}` : `lab: ${error.message}`);
  return error instanceof UsageError ? 64 : 1;
});
