/** Children of the supervisor that are programs of a test: they note what they are told, and say what they are asked to. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildName, FromChild, ToChild } from '../../src/processes/messages.js';
import { Child, type ChildOptions } from '../../src/supervisor/child.js';

export type Of<K extends ToChild['kind']> = Extract<ToChild, { kind: K }>;

const NAMES = ['lvsd-lvs', 'lvsd-vrrp'] as const;

/** Says what it is told in a file, and to the supervisor what stands in another once it is started. Held, it ends when it is let go. */
const PROGRAM = (name: ChildName, folder: string) => `
  import { appendFileSync, existsSync, readFileSync } from 'node:fs';
  const lines = (kind) => ${JSON.stringify(folder)} + '/${name}.' + kind;
  let said = 0;
  const say = () => {
    const all = readFileSync(lines('says'), 'utf8').split('\\n').slice(0, -1);
    for (; said < all.length; said += 1) process.send(JSON.parse(all[said]));
  };
  const end = () => existsSync(lines('held')) ? setTimeout(end, 5) : process.exit(0);
  process.on('message', (message) => {
    appendFileSync(lines('told'), JSON.stringify(message) + '\\n');
    if (message.kind === 'stop' || message.kind === 'leave') end();
    if (message.kind !== 'start') return;
    process.send({ kind: 'ready' });
    setInterval(say, 5);
  });
  process.send({ kind: 'loaded' });`;

export class ChildPrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'lvsd-children-'));

  constructor() {
    for (const name of NAMES) {
      writeFileSync(this.#path(name, 'mjs'), PROGRAM(name, this.folder));
      for (const kind of ['told', 'says']) writeFileSync(this.#path(name, kind), '');
    }
  }

  /** For ChildrenOptions. */
  keep(options: ChildOptions): Child {
    return new Child({ ...options, module: this.#path(options.name, 'mjs') });
  }

  heard(name: ChildName): ToChild[] {
    // What stands after the last end of a line is a line that is being written.
    const lines = readFileSync(this.#path(name, 'told'), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as ToChild);
  }

  /** What a child and its successors were told of that kind, in order. */
  told<K extends ToChild['kind']>(name: ChildName, kind: K): Of<K>[] {
    return this.heard(name).filter((message): message is Of<K> => message.kind === kind);
  }

  says(name: ChildName, message: FromChild): void {
    appendFileSync(this.#path(name, 'says'), `${JSON.stringify(message)}\n`);
  }

  /** From now on one that is told to end does not, until it is let go. */
  hold(name: ChildName): void {
    writeFileSync(this.#path(name, 'held'), '');
  }

  letGo(name: ChildName): void {
    rmSync(this.#path(name, 'held'), { force: true });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #path(name: ChildName, kind: string): string {
    return join(this.folder, `${name}.${kind}`);
  }
}
