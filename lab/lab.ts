/**
 * A network of hosts with a real ip_vs kernel, for tests and to play with:
 *
 *     const lab = await Lab.start();
 *     const { stdout } = await lab.host('d1').run(['ipvsadm', '-Ln']);
 *     await lab.stopServer('rs1');
 *     lab.stop();
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Channel } from './channel.js';
import { Host } from './host.js';
import { ensureKernel } from './kernel.js';
import {
  createFolder,
  destroy,
  isAlive,
  type Kind,
  lastWords,
  type Machine,
  readToken,
  waitForAgent,
} from './machine.js';
import { nativeProblem, startNative } from './native.js';
import { ensurePackages } from './packages.js';
import { current } from './paths.js';
import type { Kernel } from './protocol.js';
import { ensureCertificate, type StopMode, startServer, stopServer } from './servers.js';
import {
  cableBatch,
  clearBatch,
  GATEWAY,
  HOSTS,
  type HostName,
  holder,
  SERVERS,
  type ServerName,
  VIP,
} from './topology.js';
import { startVm } from './vm.js';

const BOOT_MS = 600_000;

/** `kind` absent: native where this machine's kernel has ip_vs, else the virtual machine. */
export type LabOptions = {
  readonly kind?: Kind;
  /** Which hosts there are; all unless said. */
  readonly hosts?: readonly HostName[];
  /** Gives d1 the VIPs and the gateway address, as long as nothing elects their owner. True unless said. */
  readonly vips?: boolean;
  /** Told what takes time. */
  readonly say?: (line: string) => void;
};

export class Lab {
  private hosts: ReadonlyMap<HostName, Host> = new Map();

  private constructor(
    readonly machine: Machine,
    readonly kernel: Kernel,
    private readonly channel: Channel,
    private options: LabOptions,
    /** Called when this process exits. */
    private readonly end: () => void,
  ) {}

  /** Installs and downloads what a lab takes; throws with the reason when it cannot. Gives the kind of lab it will be. */
  static async prepare(wanted: Kind | undefined, say: (line: string) => void): Promise<Kind> {
    const kind = wanted ?? ((await nativeProblem(true)) === undefined ? 'native' : 'vm');
    await ensurePackages(kind === 'vm', say);
    if (kind === 'vm') await ensureKernel(say);
    return kind;
  }

  /** Installs what is missing, boots, and sets up the hosts. Throws with the reason when that cannot be. */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const say = options.say ?? (() => {});
    const kind = await Lab.prepare(options.kind, say);
    say(kind === 'vm' ? 'booting the virtual machine' : "making namespaces on this machine's kernel");
    const folder = createFolder();
    const machine = kind === 'vm' ? await startVm(folder, say) : await startNative(folder);
    const end = () => destroy(machine);
    process.once('exit', end);
    try {
      const lab = await Lab.open(machine, options, end);
      await lab.channel.own();
      await lab.makeHosts(options);
      return lab;
    } catch (error) {
      destroy(machine);
      throw error;
    }
  }

  /** The lab that this checkout left up, or undefined. */
  static async attach(): Promise<Lab | undefined> {
    const machine = readCurrent();
    if (machine === undefined || !isAlive(machine)) return undefined;
    const lab = await Lab.open(machine, {}, () => {});
    await lab.refresh();
    lab.hosts = new Map(machine.hosts.map(([name, holder]) => [name, new Host(name, lab.channel, holder)]));
    return lab;
  }

  private static async open(machine: Machine, options: LabOptions, end: () => void): Promise<Lab> {
    await waitForAgent(machine, BOOT_MS);
    const channel = new Channel(machine.address, readToken(machine.folder), () => lastWords(machine));
    const kernel = await channel.hello();
    return new Lab(machine, kernel, channel, options, end);
  }

  /** Throws when the lab was started without that host. */
  host(name: HostName): Host {
    const host = this.hosts.get(name);
    if (host === undefined)
      throw new Error(`this lab has no host "${name}", only ${[...this.hosts.keys()].join(', ')}`);
    return host;
  }

  hostNames(): HostName[] {
    return [...this.hosts.keys()];
  }

  /** Takes all hosts down with everything that runs in them and makes new ones: the state of a new lab. */
  async reset(options: LabOptions = this.options): Promise<void> {
    const all = await this.channel.processes();
    const nets = new Set(all.filter(({ pid }) => this.isHolder(pid)).map(({ net }) => net));
    const pids = all.filter(({ net }) => nets.has(net)).map(({ pid }) => pid);
    await this.channel.run(['kill', '-KILL', ...pids.map(String)]);
    await this.batch(clearBatch([...this.hosts.keys()]));
    await this.makeHosts(options);
  }

  async startServer(name: ServerName): Promise<void> {
    await startServer(this.host(name), await ensureCertificate());
  }

  async stopServer(name: ServerName, mode: StopMode = 'kill'): Promise<void> {
    await stopServer(this.host(name), mode);
  }

  /** Pulls the host's cable: it and the switch lose the carrier. Returns when the host knows. */
  cut(name: HostName): Promise<void> {
    return this.setCable(name, 'down');
  }

  /** Puts the cable back. Returns when the host can send. */
  mend(name: HostName): Promise<void> {
    return this.setCable(name, 'up');
  }

  /**
   * Gives the VIPs of both families and the real servers' gateway address to a director, as the owner election would. Those
   * of IPv6 are deprecated, or its own checks would come from them, and the real servers' answers stay with themselves.
   */
  async takeVips(name: HostName): Promise<void> {
    const lines = [VIP, GATEWAY].flatMap(({ v4, v6 }) => [
      `addr add ${v4}/32 dev eth0`,
      `addr add ${v6}/128 dev eth0 nodad preferred_lft 0`,
    ]);
    await this.host(name).output(['ip', '-batch', '-'], { input: lines.join('\n') });
  }

  /** Leaves the lab up when this process ends, for `npm run lab` to find. */
  async keep(): Promise<void> {
    await this.channel.disown();
    process.off('exit', this.end);
    mkdirSync(dirname(current), { recursive: true });
    const hosts = [...this.hosts.values()].map(({ name, holder }) => [name, holder]);
    writeFileSync(current, JSON.stringify({ ...this.machine, hosts }, null, 2));
  }

  /** Forgets the lab; one that was kept, or attached to, goes on. */
  close(): void {
    this.channel.close();
  }

  /** Ends the lab and all that runs in it. */
  stop(): void {
    process.off('exit', this.end);
    this.channel.close();
    destroy(this.machine);
    if (readCurrent()?.folder === this.machine.folder) rmSync(current, { force: true });
  }

  private async makeHosts(options: LabOptions): Promise<void> {
    this.options = options;
    const names = options.hosts ?? HOSTS;
    await this.batch(cableBatch(names));
    this.hosts = new Map(
      await Promise.all(names.map(async (name) => [name, await this.makeHost(name)] as const)),
    );
    await this.channel.output([
      'sh',
      '-c',
      WAIT_SCRIPT,
      'sh',
      ...[...this.hosts.values()].map(({ holder }) => `${holder}`),
    ]);
    const certificate = await ensureCertificate();
    const servers = SERVERS.filter((name) => names.includes(name));
    await Promise.all(servers.map((name) => startServer(this.host(name), certificate)));
    if ((options.vips ?? true) && names.includes('d1')) await this.takeVips('d1');
  }

  /** A virtual machine remembers files of the checkout as they were; a build since then must be seen. */
  private async refresh(): Promise<void> {
    if (this.machine.kind !== 'vm') return;
    // Twice: the first time lets go of the overlay's names, and so of its hold on the files below.
    await this.channel.output([
      'sh',
      '-c',
      'echo 3 >/proc/sys/vm/drop_caches; echo 3 >/proc/sys/vm/drop_caches',
    ]);
  }

  /** The kernel hands a change of the carrier on at its leisure, up to a second later. */
  private async setCable(name: HostName, state: 'up' | 'down'): Promise<void> {
    await this.channel.output(['ip', 'link', 'set', `port-${name}`, state]);
    const isUp = '[ "$(cat /sys/class/net/eth0/operstate)" = up ]';
    const known = state === 'up' ? isUp : `! ${isUp}`;
    await this.host(name).output(['sh', '-c', `until ${known}; do sleep 0.02; done`]);
  }

  private isHolder(pid: number): boolean {
    return [...this.hosts.values()].some(({ holder }) => holder === pid);
  }

  private async makeHost(name: HostName): Promise<Host> {
    const pid = await this.channel.launch(holder(name), `/run/host-${name}.log`);
    return new Host(name, this.channel, pid);
  }

  private async batch(lines: string): Promise<void> {
    await this.channel.output(['ip', '-batch', '-'], { input: lines });
  }
}

/** Waits until the processes given have set their hosts up; says what stopped one that ended. */
const WAIT_SCRIPT = `for pid; do
  until [ -e /proc/$pid/root/run/holder ]; do
    [ -e /proc/$pid ] || { cat /run/host-*.log; exit 1; }
    sleep 0.2
  done
done`;

/** What `keep` wrote: the machine, and each host's holder. */
type Kept = Machine & { readonly hosts: readonly (readonly [HostName, number])[] };

function readCurrent(): Kept | undefined {
  try {
    return JSON.parse(readFileSync(current, 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}
