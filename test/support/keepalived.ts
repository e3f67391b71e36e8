/** A real keepalived of Debian on a host of the test network, for tests of what it and lvsd make of each other. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from './namespaces.js';

const KEEPALIVED = '/usr/sbin/keepalived';

export class Keepalived {
  readonly #directory = mkdtempSync(join(tmpdir(), 'lvsd-keepalived-'));
  #log = '';
  #child: ChildProcess | undefined;

  constructor(private readonly host: Host) {}

  get log(): string {
    return this.#log;
  }

  /** How often an instance became master. */
  get masterships(): number {
    return [...this.#log.matchAll(/\) Entering MASTER STATE/g)].length;
  }

  /** Starts its VRRP alone, on the blocks of a configuration file. */
  start(blocks: string): void {
    if (!existsSync(KEEPALIVED)) throw new Error(`${KEEPALIVED} is missing: npm test installs it`);
    const at = (name: string) => join(this.#directory, name);
    writeFileSync(at('conf'), `global_defs {\n router_id K\n}\n${blocks}`);
    const files = `-p ${at('pid')} -r ${at('vrrp.pid')}`;
    const child = this.host.start(`${KEEPALIVED} -n -l -G -D -P -f ${at('conf')} ${files}`);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.#log += data.toString();
      });
    }
    this.#child = child;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
