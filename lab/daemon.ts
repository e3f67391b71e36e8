/** lvsd in a host of the lab. */
import type { Status } from '../src/admin/status.js';
import type { Host } from './host.js';

export type DaemonOptions = {
  /** The configuration, by its name in the checkout or, absolute, in the host. */
  readonly file: string;
  /** /run/lvsd unless said. */
  readonly stateDir?: string;
  /** Further words of the command line; `-C` unless said. */
  readonly args?: readonly string[];
};

/** A machine with nothing else to do needs a second. */
const LONG_MS = 120_000;

export class Daemon {
  private constructor(
    readonly host: Host,
    readonly stateDir: string,
    /** Number of the supervisor. */
    readonly pid: number,
    private readonly logFile: string,
  ) {}

  /** Starts lvsd, to go on without this process; returns before it is ready. */
  static async start(host: Host, options: DaemonOptions): Promise<Daemon> {
    const { file, stateDir = '/run/lvsd', args = ['-C'] } = options;
    const logFile = `/run/${host.name}${stateDir.replaceAll('/', '-')}.log`;
    const pid = await host.launch(['lvsd', 'run', '-f', file, '--state-dir', stateDir, ...args], logFile);
    return new Daemon(host, stateDir, pid, logFile);
  }

  /** All it has logged. */
  log(): Promise<string> {
    return this.host.readLog(this.logFile);
  }

  /** What `lvsd status --json` says, of the socket itself: starting Node takes the lab seconds. Throws when nobody answers. */
  async status(): Promise<Status> {
    const socket = `${this.stateDir}/lvsd.sock`;
    const argv = [
      'curl',
      '-sS',
      '--fail-with-body',
      '-m',
      '20',
      '--unix-socket',
      socket,
      'http://lvsd/v1/status',
    ];
    return JSON.parse(await this.host.output(argv));
  }

  async signal(signal: 'TERM' | 'HUP' | 'KILL' | 'STOP' | 'CONT'): Promise<void> {
    await this.host.run(['kill', `-${signal}`, String(this.pid)]);
  }

  /** Stops it as an operator would, and waits until it is gone; true when that was within the time. */
  async stop(timeoutMs = LONG_MS): Promise<boolean> {
    await this.signal('TERM');
    const until = performance.now() + timeoutMs;
    while ((await this.host.processes()).some(({ pid }) => pid === this.pid)) {
      if (performance.now() > until) return false;
    }
    return true;
  }
}
