/** The daemon's children: which there are follows from the configuration; what they say to each other goes through here. */
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import { createMailer, type Mailer } from '../mail/mailer.js';
import type {
  ChildName,
  ChildSettings,
  News,
  ToChild,
  VrrpReply,
  VrrpRequest,
} from '../processes/messages.js';
import { VERSION } from '../version.js';
import { stopDeadlineMs } from '../vrrp/election/timers.js';
import { Child, type ChildOptions, type Ending, type Relayed } from './child.js';
import { createFirstTable, type FirstTable } from './first-table.js';
import { createNewsBoard, type NewsBoard, recipientOf } from './news.js';
import { endOrphan } from './pid-file.js';
import { narrowed, type Scope, wantedChildren } from './scope.js';
import { createScriptHost, type ScriptHost } from './script-host.js';

export type ChildrenOptions = {
  readonly settings: ChildSettings;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Log;
  /** A process of that name that outlived its supervisor: it has kept the service up alone, and its successor takes over. */
  readonly orphan: (name: ChildName) => number | undefined;
  readonly onPid: (name: ChildName, pid: number | undefined) => void;
  /** A process of that name has left something in the kernel that only a successor takes out. */
  readonly hasLeft: (name: ChildName) => boolean;
  readonly onFatal: (text: string) => void;
  /** Read the configuration again, and tell `reloaded` of that number. */
  readonly onReload: (id: number) => void;
  /** Every process has been ready. */
  readonly onAllReady: () => void;
  /** Keeps a process alive; tests put another in its place. */
  readonly keep?: (options: ChildOptions) => Pick<Child, 'send' | 'end'>;
};

type Beginning = { readonly before?: Promise<unknown> | undefined; readonly left?: number | undefined };

const MODULES: Readonly<Record<ChildName, string>> = {
  'lvsd-lvs': moduleAt('../processes/lvs-main.js'),
  'lvsd-vrrp': moduleAt('../processes/vrrp-main.js'),
};

/** What mails that are under way at a stop get. */
const MAIL_WAIT_MS = 1000;
/** What a process that outlived its supervisor gets to leave. */
const ORPHAN_WAIT_MS = 2000;
/** What one that nobody wants gets to hand over: how long that may take was in its own file, and it ends by itself. */
const UNWANTED_WAIT_MS = 30_000;
/** What the checks' process gets to end by itself; keepalived's child_wait_time. */
const CHILD_WAIT_MS = 5000;

export class Children {
  readonly #running = new Map<ChildName, Pick<Child, 'send' | 'end'>>();
  /** Those that are being ended, until they are gone. */
  readonly #leaving = new Map<ChildName, Promise<unknown>>();
  #isEnding = false;
  /** Those of which a process has been told to begin. */
  readonly #begun = new WeakSet<object>();
  /** Those that have been ready once. */
  readonly #ready = new Set<ChildName>();
  readonly #table: FirstTable;
  readonly #news: NewsBoard;
  readonly #starts: Partial<Record<ChildName, number>> = {};
  readonly #mailer: Mailer;
  #config: Config;
  /** lvsd-lvs dies again and again. */
  #looping = false;
  /** What lvsd-vrrp was told of the checks. */
  #checksRun = true;

  constructor(
    private readonly options: ChildrenOptions,
    config: Config,
  ) {
    this.#config = config;
    this.#table = createFirstTable(options);
    this.#news = createNewsBoard(options.clock);
    this.#mailer = createMailer({ log: options.log, dryRun: options.settings.dryRun });
    this.#mailer.configure(config.global.mail, config.global.routerId);
    for (const name of this.#wanted(config)) this.#start(name);
  }

  /** A reload: children come and go with what the configuration has. Not in the middle of the end. */
  configure(config: Config, at: number): void {
    if (this.#isEnding) return;
    const before = this.#config;
    this.#config = config;
    this.#mailer.configure(config.global.mail, config.global.routerId);
    this.#tellChecks();
    const { scope } = this.options;
    const wanted = this.#wanted(config);
    for (const [name, child] of [...this.#running]) {
      if (wanted.includes(name)) child.send(narrowed({ kind: 'configure', config, at }, scope));
      else void this.#end(name, { kind: 'stop' }, before);
    }
    for (const name of wanted) if (!this.#running.has(name)) this.#start(name);
  }

  tell(message: ToChild): void {
    for (const child of this.#running.values()) child.send(message);
  }

  /** Ends all. The addresses go first: until a peer has them, the servers behind must be served. */
  async end(kind: Ending['kind']): Promise<void> {
    this.#isEnding = true;
    if (kind === 'stop') this.#dismissUnwanted();
    await this.#end('lvsd-vrrp', { kind }, this.#config);
    await this.#end('lvsd-lvs', { kind }, this.#config);
    await this.#mailsSent();
  }

  /** The last mails tell of the stop itself; a server that does not take them holds nobody up. */
  async #mailsSent(): Promise<void> {
    const { clock } = this.options;
    const late = new Promise<void>((resolve) => clock.wake(clock.now() + MAIL_WAIT_MS, resolve));
    await Promise.race([this.#mailer.idle(), late]);
    this.#mailer.abandon();
  }

  #wanted(config: Config): readonly ChildName[] {
    const { scope, settings } = this.options;
    return wantedChildren(config, { scope, dryRun: settings.dryRun });
  }

  /** Resolves when none of that name is there, also none that a reload has ended. */
  async #end(name: ChildName, message: Ending, config: Config): Promise<void> {
    const child = this.#running.get(name);
    if (child !== undefined) {
      this.#running.delete(name);
      const waitMs = name === 'lvsd-vrrp' ? stopDeadlineMs(config.vrrp?.instances ?? []) : CHILD_WAIT_MS;
      this.#leaves(name, child.end(this.#hasNothing(name, child) ? { kind: 'leave' } : message, waitMs));
      if (name === 'lvsd-vrrp') this.#table.letGo();
    }
    await this.#leaving.get(name);
  }

  /** An lvsd-vrrp that has not begun would begin only to end. */
  #hasNothing(name: ChildName, child: object): boolean {
    const { orphan, hasLeft } = this.options;
    return name === 'lvsd-vrrp' && !this.#begun.has(child) && orphan(name) === undefined && !hasLeft(name);
  }

  #leaves(name: ChildName, gone: Promise<void>): void {
    const all = Promise.all([this.#leaving.get(name), gone]).then(() => {
      if (this.#leaving.get(name) === all) this.#leaving.delete(name);
    });
    this.#leaving.set(name, all);
  }

  /**
   * An lvsd-vrrp that outlived its supervisor, and that the file or the scope has no place for, hands over what it holds, and what one
   * has left in the kernel is taken out. The servers behind must be served until then. An lvsd-lvs is always wanted.
   */
  #dismissUnwanted(): void {
    const { hasLeft, orphan, settings } = this.options;
    const name = 'lvsd-vrrp';
    if (this.#running.has(name) || this.#leaving.has(name) || settings.dryRun) return;
    const pid = orphan(name);
    if (pid !== undefined || hasLeft(name)) this.#leaves(name, this.#dismiss(name, pid));
  }

  async #dismiss(name: ChildName, pid: number | undefined): Promise<void> {
    const { log, onPid, hasLeft } = this.options;
    if (pid !== undefined) {
      const end = 'it hands over and ends';
      log.warn({ pid }, `${name} had outlived its supervisor, and is not wanted any more: ${end}`);
      await endOrphan(name, pid, { signal: 'SIGUSR2', deadlineMs: UNWANTED_WAIT_MS });
      onPid(name, undefined);
    }
    if (!hasLeft(name)) return;
    log.info(`what an earlier ${name} has left in the kernel is taken out`);
    const onFatal = (text: string) => log.warn(`${text}: what an earlier ${name} has left stays`);
    await this.#create(name, { onFatal }).end({ kind: 'stop' }, CHILD_WAIT_MS);
  }

  #start(name: ChildName): void {
    const { onFatal, orphan } = this.options;
    const before = this.#leaving.get(name);
    const left = before === undefined ? orphan(name) : undefined;
    this.#running.set(name, this.#create(name, { onFatal, before, left }));
  }

  /** A process that begins when `before` has ended, and an orphan. */
  #create(
    name: ChildName,
    { onFatal, before, left }: Beginning & Pick<ChildrenOptions, 'onFatal'>,
  ): Pick<Child, 'send' | 'end'> {
    const { settings, scope, clock, log, onPid } = this.options;
    const { keep = (options) => new Child(options) } = this.options;
    // A child that is being ended still waits for its last scripts.
    const scripts = createScriptHost(clock, (message) => child.send(message));
    const child: Pick<Child, 'send' | 'end'> = keep({
      name,
      module: MODULES[name],
      clock,
      log,
      greeting: () => {
        const news = this.#news.of(name);
        this.#begun.add(child);
        return narrowed({ kind: 'start', settings, version: VERSION, config: this.#config, news }, scope);
      },
      onPid: (pid) => {
        onPid(name, pid);
        if (pid !== undefined) this.#countStart(name);
        if (pid === undefined) scripts.orphaned();
      },
      onReady: () => {
        log.info(`${name} is ready`);
        this.#ready.add(name);
        if (name === 'lvsd-lvs') this.#table.written();
        if (name === 'lvsd-lvs' && !this.#isEnding) this.#dismissUnwanted();
        if ([...this.#running.keys()].every((each) => this.#ready.has(each))) this.options.onAllReady();
      },
      onFatal,
      onLooping: (looping) => {
        if (name !== 'lvsd-lvs') return;
        this.#looping = looping;
        this.#tellChecks();
        if (looping) this.#table.written();
      },
      onLoaded: async () => {
        await before;
        const waits = name === 'lvsd-vrrp' && left === undefined && this.#running.get(name) === child;
        if (waits) await this.#tableWritten();
        await this.#succeed(name, left);
      },
      onRelay: (message) => this.#relay(message, scripts),
    });
    return child;
  }

  /**
   * What a predecessor held is taken over at once: its table is believed to be there. An lvsd-lvs that dies again and again writes none:
   * lvsd-vrrp begins, and says by its priority that another director is to be preferred.
   */
  async #tableWritten(): Promise<void> {
    const { scope, hasLeft } = this.options;
    const any = scope === 'all' && this.#config.virtualServers.length > 0;
    if (any && !hasLeft('lvsd-vrrp')) await this.#table.awaited();
  }

  /** The successor is up and waits: the moment without either is as short as an exit. */
  async #succeed(name: ChildName, orphan: number | undefined): Promise<void> {
    if (orphan === undefined) return;
    this.options.log.warn({ pid: orphan }, `${name} had outlived its supervisor: taking over from it`);
    await endOrphan(name, orphan, { signal: 'SIGTERM', deadlineMs: ORPHAN_WAIT_MS });
  }

  #relay(message: Relayed, scripts: ScriptHost): void {
    switch (message.kind) {
      case 'request': {
        const vrrp = this.#running.get('lvsd-vrrp');
        if (vrrp !== undefined) vrrp.send(message);
        else
          this.#relay({ kind: 'reply', id: message.id, reply: this.#withoutVrrp(message.request) }, scripts);
        return;
      }
      case 'withdraw':
        this.#running.get('lvsd-vrrp')?.send(message);
        return;
      case 'reload':
        this.options.onReload(message.id);
        return;
      case 'run':
        scripts.run(message);
        return;
      case 'cancel':
        scripts.cancel(message.id);
        return;
      case 'mail':
        this.#mailer.send(message.mail);
        return;
      case 'reply':
        this.#running.get('lvsd-lvs')?.send(message);
        return;
      case 'stage':
      case 'masters':
      case 'pools':
        this.#pass(message);
        return;
    }
  }

  #withoutVrrp({ what }: VrrpRequest): VrrpReply {
    const text = 'lvsd is stopping, and hands over what it holds';
    return this.#isEnding && what !== 'status' ? { kind: 'refused', text } : { kind: 'absent' };
  }

  /** Checks that cannot run, where there are any: with -P nothing is checked. */
  #tellChecks(): void {
    const any = this.options.scope === 'all' && this.#config.virtualServers.length > 0;
    const run = !(any && this.#looping);
    if (run === this.#checksRun) return;
    this.#checksRun = run;
    this.#pass({ kind: 'checks', run });
  }

  #countStart(name: ChildName): void {
    this.#starts[name] = (this.#starts[name] ?? 0) + 1;
    this.#pass({ kind: 'starts', counts: { ...this.#starts } });
  }

  #pass(news: News): void {
    this.#news.note(news);
    this.#running.get(recipientOf(news))?.send(news);
  }
}

function moduleAt(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
