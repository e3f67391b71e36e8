/** A process `lvsd-vrrp` on a host of the test network; the test is its supervisor. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.js';
import type { Config } from '../../src/config/config.js';
import type { FromChild, News, ToChild, VrrpReply, VrrpRequest } from '../../src/processes/messages.js';
import { createScriptHost } from '../../src/supervisor/script-host.js';
import type { VrrpConfig } from '../../src/vrrp/config.js';
import type { InstanceStatus, VrrpStatus } from '../../src/vrrp/status.js';
import { atExit } from './at-exit.js';
import { eventually, type Host } from './namespaces.js';
import { PATIENCE_MS } from './patience.js';

const main = fileURLToPath(new URL('../../src/processes/vrrp-main.js', import.meta.url));

export class VrrpProcess {
  readonly stateDir = mkdtempSync(join(tmpdir(), 'lvsd-vrrp-'));
  readonly #lines: string[] = [];
  readonly #waiting = new Map<number, (reply: VrrpReply) => void>();
  readonly told: FromChild[] = [];
  readonly #scripts = createScriptHost(systemClock, (message) => this.send(message));
  #child: ChildProcess | undefined;
  #lastId = 0;
  readonly #forget = atExit(() => this.#tidy());

  constructor(readonly host: Host) {}

  get log(): string {
    return this.#lines.join('');
  }

  get pid(): number {
    return this.#child?.pid ?? assert.fail('it does not run');
  }

  /** Starts the process, or starts it again with the same state directory. `news`: what it is told before all else. */
  async start(vrrp: VrrpConfig, news: readonly News[] = []): Promise<void> {
    const argv = ['netns', 'exec', this.host.namespace, process.execPath, main];
    const child = spawn('ip', argv, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    child.stderr?.on('data', (data: Buffer) => this.#lines.push(data.toString()));
    child.on('message', (message: FromChild) => this.#heard(message));
    // What is sent to one that has just gone is an error of the channel.
    child.on('error', () => {});
    const settings = { stateDir: this.stateDir, dryRun: false, logLevel: 'info', logFormat: 'text' } as const;
    this.send({ kind: 'start', settings, version: 'test', config: configOf(vrrp), news });
    const before = this.told.length;
    const isReady = () => this.told.slice(before).some(isVerdict);
    await eventually('the process is ready', isReady).catch((error) => {
      throw new Error(`${(error as Error).message}\n${this.log}`);
    });
  }

  send(message: ToChild): void {
    this.#child?.send(message);
  }

  configure(vrrp: VrrpConfig): void {
    this.send({ kind: 'configure', config: configOf(vrrp), at: Date.now() });
  }

  ask(request: VrrpRequest): Promise<VrrpReply> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send({ kind: 'request', id, request });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  async status(): Promise<VrrpStatus> {
    const reply = await this.ask({ what: 'status' });
    if (reply.kind !== 'status') throw new Error(`no status: ${JSON.stringify(reply)}`);
    return reply.status;
  }

  async instance(name = 'VI_1'): Promise<InstanceStatus> {
    const found = (await this.status()).instances.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  }

  /** Waits until the instance is there and in this state; fails with its status and the log. */
  async until(
    state: InstanceStatus['state'],
    withinMs = PATIENCE_MS,
    name = 'VI_1',
  ): Promise<InstanceStatus> {
    const endAt = performance.now() + withinMs;
    for (;;) {
      const late = performance.now() > endAt;
      const { instances } = await this.status();
      const status = instances.find((each) => each.name === name);
      if (status?.state === state) return status;
      if (late) {
        const shown = status === undefined ? `no instance ${name}` : JSON.stringify(status);
        throw new Error(`${this.host.namespace} not ${state} within ${withinMs} ms: ${shown}\n${this.log}`);
      }
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Tells it to end, and waits until it has. */
  async end(kind: 'stop' | 'leave'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    this.send({ kind });
    await gone;
    this.#child = undefined;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.#child = undefined;
  }

  async dispose(): Promise<void> {
    await this.kill();
    this.#forget();
    this.#tidy();
  }

  #tidy(): void {
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  #heard(message: FromChild): void {
    if (message.kind === 'reply') {
      this.#waiting.get(message.id)?.(message.reply);
      this.#waiting.delete(message.id);
    } else if (message.kind === 'run') this.#scripts.run(message);
    else if (message.kind === 'cancel') this.#scripts.cancel(message.id);
    else this.told.push(message);
  }
}

function isVerdict({ kind }: FromChild): boolean {
  return kind === 'ready' || kind === 'fatal';
}

function configOf(vrrp: VrrpConfig): Config {
  return {
    global: {
      routerId: 'test',
      lvsFlush: false,
      lvsFlushOnStop: 'no',
      notifyFifos: { shared: [], lvs: [] },
      rsInitNotifies: false,
    },
    virtualServers: [],
    checkers: [],
    vrrp,
  };
}
