/** Directors on a simulated LAN, each with what it told, in order: lines of FIFOs, programs with their arguments, subjects of mails. */
import type { Clock } from '../../src/clock.js';
import type { NotifyConfig } from '../../src/vrrp/config.js';
import { createDirector, type Director } from '../../src/vrrp/director.js';
import { fifoLine, mailText, type Notice, scriptsOf } from '../../src/vrrp/notify/notice.js';
import type { Reading } from '../../src/vrrp/track/fitness.js';
import { FakeUnderlay, type FakeWire } from './fake-underlay.js';

export type FakeDirector = {
  readonly director: Director;
  readonly underlay: FakeUnderlay;
  readonly told: string[];
  readonly log: string[];
  /** What trackers say, by kind and name. */
  readonly readings: Map<string, Reading>;
  /** What was told since this was called last. */
  readonly news: () => readonly string[];
  /** `INSTANCE STATE` of each. */
  readonly states: () => readonly string[];
};

export function createFakeDirector(
  { clock, wire }: { readonly clock: Clock; readonly wire: FakeWire },
  name: string,
  address: string,
  underlay = new FakeUnderlay(wire, name, address),
): FakeDirector {
  const [told, log]: [string[], string[]] = [[], []];
  const readings = new Map<string, Reading>();
  const say = (_fields: object, text: string) => void log.push(text);
  const director = createDirector({
    clock,
    log: { info: say, warn: say },
    underlay,
    read: (kind, tracker) => readings.get(`${kind} ${tracker}`),
    notify: (notice, config) => void told.push(...allTold(notice, config)),
    onChange: () => {},
    onStage: () => {},
    onLate: () => {},
    bootNow: () => clock.now() + 1_000_000,
  });
  return {
    director,
    underlay,
    told,
    log,
    readings,
    news: () => told.splice(0),
    states: () => director.instances().map(({ name: instance, state }) => `${instance} ${state}`),
  };
}

function allTold(notice: Notice, config: NotifyConfig): readonly string[] {
  const mail = mailText(notice, config);
  return [
    fifoLine(notice).trim(),
    ...scriptsOf(notice, config).map(({ argv }) => `run ${argv.join(' ')}`),
    ...(mail === undefined ? [] : [`mail ${mail.subject}`]),
  ];
}

/** A script of its own for each keyword, and mail. */
export function tellAll(prefix = ''): NotifyConfig {
  const script = (name: string) => ({ argv: [`${prefix}${name}`] });
  return {
    master: script('master'),
    backup: script('backup'),
    fault: script('fault'),
    stop: script('stop'),
    any: script('any'),
    sendDeleted: true,
    deleted: script('deleted'),
    masterRxLowerPri: script('lower'),
    priorityChanges: true,
    smtpAlert: true,
    noEmailFaults: false,
  };
}
