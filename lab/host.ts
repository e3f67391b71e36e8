/** A host of the lab: where commands run, with its own network, /run and name. */
import type { Channel, Running, RunOptions, SpawnOptions } from './channel.js';
import type { Result } from './command.js';
import type { ProcessInfo } from './protocol.js';
import { enter, type HostName } from './topology.js';

export class Host {
  constructor(
    readonly name: HostName,
    private readonly channel: Channel,
    /** Number of the process that holds its namespaces. */
    readonly holder: number,
  ) {}

  /** Runs a program to its end, in the checkout; a failing program is no exception. */
  run(argv: readonly string[], options?: RunOptions): Promise<Result> {
    return this.channel.run(this.inside(argv), options);
  }

  /** Runs a program and gives its standard output; throws CommandFailed unless it exits 0. */
  output(argv: readonly string[], options?: RunOptions): Promise<string> {
    return this.channel.output(this.inside(argv), options);
  }

  /** Starts a program that runs on. */
  spawn(argv: readonly string[], options?: SpawnOptions): Promise<Running> {
    return this.channel.spawn(this.inside(argv), options);
  }

  /** Starts a program that goes on when this process ends; its output is added to the file. Gives its number. */
  launch(argv: readonly string[], file: string): Promise<number> {
    return this.channel.launch(this.inside(argv), file);
  }

  /** A file that `launch` wrote. */
  readLog(file: string): Promise<string> {
    return this.channel.output(['cat', file]);
  }

  /** Writes a file; its folder is made. */
  async write(path: string, content: string): Promise<void> {
    await this.output(['sh', '-c', 'mkdir -p "$(dirname "$0")" && cat >"$0"', path], { input: content });
  }

  /** The host's processes; `title`: those whose program or first word of the command line is that. */
  async processes(title?: string): Promise<ProcessInfo[]> {
    const all = await this.channel.processes();
    const net = all.find(({ pid }) => pid === this.holder)?.net;
    const own = all.filter(
      ({ pid, parent, ...process }) => process.net === net && pid !== this.holder && parent !== this.holder,
    );
    return title === undefined ? own : own.filter((process) => hasTitle(process, title));
  }

  /** Numbers of the host's processes with this title. */
  async pids(title: string): Promise<number[]> {
    return (await this.processes(title)).map(({ pid }) => pid);
  }

  private inside(argv: readonly string[]): string[] {
    return [...enter(this.holder), ...argv];
  }
}

function hasTitle({ comm, args: [first = ''] }: ProcessInfo, title: string): boolean {
  return comm === title || first === title || first.startsWith(`${title}:`);
}
