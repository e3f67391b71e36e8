/** Two directors with lvsd in both: what is done to them, and who of them is master. */
import type { Status } from '../src/admin/status.js';
import { Daemon } from './daemon.js';
import type { TableService } from './ipvs.js';
import type { Lab } from './lab.js';
import { Watch } from './watch.js';

export const DIRECTORS = ['d1', 'd2'] as const;
export type DirectorName = (typeof DIRECTORS)[number];

/** A machine with nothing else to do needs a few seconds. */
const LONG_MS = 120_000;

type Director = { readonly watch: Watch; daemon: Daemon | undefined };

export class Pair {
  private constructor(
    private readonly lab: Lab,
    private readonly file: string,
    private readonly directors: Readonly<Record<DirectorName, Director>>,
  ) {}

  /** Starts lvsd in both, which elect d1. The lab is one where nobody holds the VIPs. */
  static async start(lab: Lab, file = 'etc/lab.conf'): Promise<Pair> {
    const start = async (name: DirectorName) => {
      const host = lab.host(name);
      const [daemon, watch] = await Promise.all([Daemon.start(host, { file, args: [] }), Watch.start(host)]);
      return { daemon, watch };
    };
    const [d1, d2] = await Promise.all(DIRECTORS.map(start));
    if (d1 === undefined || d2 === undefined) throw new Error('a pair has two directors');
    return new Pair(lab, file, { d1, d2 });
  }

  watch(name: DirectorName): Watch {
    return this.directors[name].watch;
  }

  daemon(name: DirectorName): Daemon {
    const { daemon } = this.directors[name];
    if (daemon === undefined) throw new Error(`no lvsd runs on ${name}`);
    return daemon;
  }

  /** Waits until this director has the VIP and the other one not. Tells since when this one has it: for a while both may. */
  async master(name: DirectorName): Promise<number> {
    const { at } = await this.until(name, 'in possession of the VIP', (_, holdsVip) => holdsVip);
    await this.until(name === 'd1' ? 'd2' : 'd1', 'rid of the VIP', (_, holdsVip) => !holdsVip);
    return at;
  }

  /** Waits until the tables of both are so. Tells since when the later one is. */
  async tables(what: string, wanted: (table: readonly TableService[]) => boolean): Promise<number> {
    const seen = await Promise.all(DIRECTORS.map((name) => this.until(name, what, wanted)));
    return Math.max(...seen.map(({ at }) => at));
  }

  /** kill -9 of all processes of lvsd at once. */
  async kill(name: DirectorName): Promise<void> {
    const host = this.lab.host(name);
    const titles = ['lvsd', 'lvsd-lvs', 'lvsd-vrrp'];
    const pids = (await Promise.all(titles.map((title) => host.pids(title)))).flat();
    // One may have ended since.
    await host.run(['kill', '-KILL', ...pids.map(String)]);
    this.directors[name].daemon = undefined;
  }

  /** Stops lvsd as an operator would; returns when it has ended. */
  async stop(name: DirectorName): Promise<void> {
    if (!(await this.daemon(name).stop())) throw new Error(`lvsd on ${name} has not ended`);
    this.directors[name].daemon = undefined;
  }

  /** Starts lvsd again; returns before it is ready. */
  async run(name: DirectorName): Promise<void> {
    const host = this.lab.host(name);
    this.directors[name].daemon = await Daemon.start(host, { file: this.file, args: [] });
  }

  /** `lvsd handover`: returns when the other one is master. */
  async handOver(name: DirectorName, ...words: string[]): Promise<void> {
    await this.lab.host(name).output(['lvsd', 'handover', ...words], { timeoutMs: LONG_MS });
  }

  /** What a director says of its instance. */
  async instance(name: DirectorName): Promise<VrrpInstance | undefined> {
    const { daemon } = this.directors[name];
    const vrrp = (await daemon?.status().catch(() => undefined))?.vrrp;
    return vrrp !== undefined && 'instances' in vrrp ? vrrp.instances[0] : undefined;
  }

  /** Follows the directors no longer; lvsd goes on. */
  leave(): void {
    for (const name of DIRECTORS) this.watch(name).stop();
  }

  private until(name: DirectorName, what: string, wanted: Parameters<Watch['until']>[1]) {
    return this.watch(name)
      .until(what, wanted, LONG_MS)
      .catch(async (error: Error) => {
        throw new Error(`${name}: ${error.message}\n${await this.directors[name].daemon?.log()}`);
      });
  }
}

type VrrpInstance = Extract<NonNullable<Status['vrrp']>, { instances: unknown }>['instances'][number];
