/** A host of the lab: where commands run, with its own network, /run and name. */
import type { Channel, Running, RunOptions, SpawnOptions } from './channel.js';
import type { Result } from './command.js';
import { enter, type HostName } from './topology.js';

export class Host {
  constructor(
    readonly name: HostName,
    private readonly channel: Channel,
    /** The process that holds its namespaces. */
    private readonly holder: number,
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

  /** Writes a file; its folder is made. */
  async write(path: string, content: string): Promise<void> {
    await this.output(['sh', '-c', 'mkdir -p "$(dirname "$0")" && cat >"$0"', path], { input: content });
  }

  /** Numbers of the host's processes with this title: the first word of the command line, or its program's name. */
  async pids(title: string): Promise<number[]> {
    const script = `for pid in $(ip netns pids ${this.name}); do
      echo "$pid $(cat /proc/$pid/comm) $(tr '\\0' ' ' </proc/$pid/cmdline)"
    done 2>/dev/null; true`;
    const lines = (await this.channel.output(['sh', '-c', script])).split('\n');
    return lines
      .map((line) => line.split(' '))
      .flatMap(([pid, ...names]) => (hasTitle(names, title) ? [Number(pid)] : []));
  }

  private inside(argv: readonly string[]): string[] {
    return [...enter(this.holder), ...argv];
  }
}

function hasTitle([comm, first = '']: readonly string[], title: string): boolean {
  return comm === title || first === title || first === `${title}:`;
}
