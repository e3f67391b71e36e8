/** How long two may be master or hold the addresses, and how long nobody may, whatever happens: in simulated time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareAddresses } from '../../../src/net/address.js';
import type { Router, State } from '../../../src/vrrp/election/state.js';
import { DOUBT_MS, masterDownIntervalMs, NEVER, vipLifetimeS } from '../../../src/vrrp/election/timers.js';
import {
  awake,
  befall,
  build,
  disturb,
  type Election,
  election,
  happenings,
  longestDelayMs,
  masters,
  network,
  startAll,
} from '../../support/elections.js';
import type { FakeLan } from '../../support/fake-lan.js';

/** Of two simulated moments that are the same but for rounding. */
const ROUNDING_MS = 0.001;

type Ranked = { readonly priority: number; readonly address: string };

/** RFC 9568 §6.4.3: the higher priority, or the higher address of two equal ones. */
function isBetter(one: Ranked, other: Ranked): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return compareAddresses(one.address, other.address) > 0;
}

function routerOf(lan: FakeLan, name: string): Router {
  return lan.nodes.get(name)?.router ?? assert.fail(`no router ${name}`);
}

function rank(lan: FakeLan, name: string): Ranked {
  const { priority, primaryAddress: address = '0.0.0.0' } = routerOf(lan, name);
  return { priority, address };
}

function lifetimeMs(router: Router): number {
  return 1000 * (vipLifetimeS(router) ?? Number.POSITIVE_INFINITY);
}

/** The Master_Down_Interval of a router while all send at its interval. */
function downMs(router: Router): number {
  return masterDownIntervalMs(router, router.priority, router.advertIntMs);
}

/** Since when each of these has been so without a break. */
class Since {
  readonly #began = new Map<string, number>();

  update(keys: readonly string[], now: number): readonly (readonly [key: string, since: number])[] {
    for (const key of [...this.#began.keys()]) if (!keys.includes(key)) this.#began.delete(key);
    for (const key of keys) if (!this.#began.has(key)) this.#began.set(key, now);
    return [...this.#began];
  }
}

type Played = {
  readonly lan: FakeLan;
  readonly timing: Pick<Router, 'advertIntMs'>;
  /** Packets lost between two, with their time. */
  readonly lost: readonly { readonly pair: string; readonly at: number }[];
};

/** Plays random elections, and lets somebody look after every step, after each thing that befalls them and often between. */
function whatever(prepare: (played: Played) => () => void): void {
  fc.assert(
    fc.property(election, network, happenings(), (chosen, packets, all) => {
      const { settings: timing } = chosen;
      const lan = build(chosen);
      const lost: { pair: string; at: number }[] = [];
      const look = prepare({ lan, timing, lost });
      lan.watch(look);
      disturb(lan, packets, timing, (from, to) => lost.push({ pair: `${from}>${to}`, at: lan.now }));
      startAll(lan);
      for (const each of all) {
        lan.at(each.at * timing.advertIntMs, () => {
          look();
          befall(lan, each);
          look();
        });
      }
      for (let at = 0; at < 60 * timing.advertIntMs; at += timing.advertIntMs / 8) {
        lan.runUntil(at);
        look();
      }
    }),
    { numRuns: 300 },
  );
}

describe('elections, whatever happens: how long two are master', () => {
  /** "If the Priority in the ADVERTISEMENT is greater …, transition to the Backup state" (RFC 9568 §6.4.3, RFC 3768 §6.4.3). */
  it('a master that hears a better one is master and holder no longer', () => {
    let met = 0;
    fc.assert(
      fc.property(election, network, happenings(), (chosen, packets, all) => {
        const { advertIntMs } = chosen.settings;
        const lan = build(chosen);
        lan.watch(({ name, event, before, after }) => {
          if (event.kind !== 'advert' || event.priority === 0 || before.name !== 'MASTER') return;
          const heard = { priority: event.priority, address: event.source };
          if (!isBetter(heard, rank(lan, name))) return;
          met += 1;
          assert.notEqual(after.name, 'MASTER');
          assert.ok(!lan.holders().includes(name), `${name} holds the addresses`);
        });
        disturb(lan, packets, { advertIntMs });
        startAll(lan);
        for (const each of all) lan.at(each.at * advertIntMs, () => befall(lan, each));
        lan.runUntil(60 * advertIntMs);
      }),
      { numRuns: 300 },
    );
    assert.ok(met > 100, `only ${met} such meetings`);
  });

  /**
   * A master adverts once an interval, so two that can hear each other are two until the first advert of the better one arrives: one
   * interval and the delay, and one interval more for each that was lost. No answer puts that off.
   */
  it('two that hear each other are two until the first advert of the better one arrives, which nothing puts off', () => {
    let looks = 0;
    whatever(({ lan, timing, lost }) => {
      const pairs = new Since();
      return () => {
        for (const [pair, since] of pairs.update(hearingMasters(lan), lan.now)) {
          const misses = lost.filter((each) => each.pair === pair && each.at >= since).length;
          const allowedMs = (misses + 1) * timing.advertIntMs + longestDelayMs(timing) + ROUNDING_MS;
          assert.ok(lan.now - since <= allowedMs, `${pair} masters since ${since} ms, now ${lan.now} ms`);
          looks += 1;
        }
      };
    });
    assert.ok(looks > 1000, `only ${looks} looks at two masters`);
  });
});

/** Masters that run and are not cut from each other, as `better>worse`. */
function hearingMasters(lan: FakeLan): readonly string[] {
  const there = awake(lan).flatMap(({ name, state }) => (state.name === 'MASTER' ? [name] : []));
  return there.flatMap((better) =>
    there
      .filter((worse) => worse !== better && !lan.isCut(better, worse))
      .filter((worse) => isBetter(rank(lan, better), rank(lan, worse)))
      .map((worse) => `${better}>${worse}`),
  );
}

describe('elections, whatever happens: how long two hold the addresses, or nobody', () => {
  /** "Cancel the Adver_Timer …, transition to the Backup state" lets go; what cannot let go any more, the kernel ends: vip_lifetime. */
  it('a router that gives way holds them no longer, one that is killed or frozen for their lifetime at most', () => {
    whatever(({ lan }) => {
      const idle = new Since();
      return () => {
        const live = new Map(awake(lan).map(({ name, state }) => [name, state]));
        const names = [...lan.nodes.keys()].filter((name) => !isHolding(live.get(name)));
        for (const [name, since] of idle.update(names, lan.now)) {
          const mayMs = live.has(name) ? 0 : lifetimeMs(routerOf(lan, name));
          const holds = lan.holders().includes(name);
          assert.ok(
            !holds || lan.now - since <= mayMs,
            `${name} holds them since ${since} ms, now ${lan.now} ms`,
          );
        }
      };
    });
  });

  /**
   * Where nobody holds them, nobody adverts: whoever lives and is well takes over after its Master_Down_Interval, counted from the
   * last advert that may still have been under way, from its start, its thawing or the end of its fault; and 5 ms more where
   * it doubts itself.
   */
  it('nobody holds them for no longer than Master_Down_Interval of any that is well', () => {
    let looks = 0;
    whatever(({ lan, timing }) => {
      const nobody = new Since();
      const well = new Since();
      return () => {
        const lives = awake(lan).flatMap(({ name, state }) => (state.name === 'BACKUP' ? [name] : []));
        const alone = nobody.update(lan.holders().length === 0 ? ['nobody'] : [], lan.now);
        const waits = well.update(lives, lan.now);
        for (const [, aloneSince] of alone) {
          for (const [name, wellSince] of waits) {
            const allowedMs = longestDelayMs(timing) + downMs(routerOf(lan, name)) + DOUBT_MS;
            const since = Math.max(aloneSince, wellSince);
            assert.ok(
              lan.now - since <= allowedMs,
              `${name} leaves them alone since ${since} ms, now ${lan.now} ms`,
            );
            looks += 1;
          }
        }
      };
    });
    assert.ok(looks > 1000, `only ${looks} looks at nobody`);
  });

  for (const what of ['kill', 'freeze'] as const) {
    /**
     * The best one left waits its Master_Down_Interval from the last advert. The addresses of the dead one last as long as the slowest
     * of all would wait, so that they do not go before.
     */
    it(`after ${what} of the master somebody holds them always, the best one left in time, the dead one for their lifetime`, () => {
      fc.assert(
        fc.property(election, fc.double({ min: 0, max: 6, noNaN: true }), (chosen, phase) => {
          const { lan, master, heirs } = settled(chosen);
          lan.runUntil(lan.now + phase * chosen.settings.advertIntMs);
          const diedAt = lan.now;
          const before = lan.holdings.length;
          lan[what](master);
          lan.runUntil(diedAt + lifetimeMs(routerOf(lan, master)) + longestDownMs(lan) + 1000);
          const after = lan.holdings.slice(before);
          const alone = after.filter(({ holders }) => holders.length === 0);
          assert.deepEqual(alone, [], 'nobody holds them');
          const soonestMs = Math.min(...heirs.map((name) => downMs(routerOf(lan, name))));
          const takenAt = after.find(({ holders }) => holders.some((name) => name !== master))?.at ?? NEVER;
          assert.ok(takenAt - diedAt <= soonestMs + DELAY_MS + ROUNDING_MS, `taken over at ${takenAt}`);
          const goneAt = after.find(({ holders }) => !holders.includes(master))?.at ?? NEVER;
          assert.ok(goneAt - diedAt <= lifetimeMs(routerOf(lan, master)), `gone at ${goneAt}`);
        }),
        { numRuns: 300 },
      );
    });
  }

  /** Two kernels that cannot hear each other both hold; when they can again, until the better one's next advert. */
  it('after a cut is mended one holds them as soon as the next advert of the better one arrives', () => {
    fc.assert(
      fc.property(election, fc.double({ min: 0, max: 20, noNaN: true }), (chosen, phase) => {
        const { lan, master, heirs } = settled(chosen);
        const { advertIntMs } = chosen.settings;
        for (const name of heirs) lan.cut(master, name);
        lan.runUntil(lan.now + longestDownMs(lan) + 100 + phase * advertIntMs);
        assert.equal(lan.holders().length, 2);
        for (const name of heirs) lan.mend(master, name);
        lan.runUntil(lan.now + advertIntMs + DELAY_MS + ROUNDING_MS);
        assert.deepEqual([lan.holders().length, lan.holders()], [1, masters(lan)]);
      }),
      { numRuns: 200 },
    );
  });
});

const DELAY_MS = 0.2;

/** A LAN without loss that has had one master for long, and the others. */
function settled(chosen: Election) {
  const lan = build(chosen);
  lan.deliverBy(() => DELAY_MS);
  startAll(lan);
  lan.runUntil(4 * longestDownMs(lan) + 10_000);
  const [master = 'nobody', ...others] = masters(lan);
  assert.deepEqual(others, []);
  return { lan, master, heirs: [...lan.nodes.keys()].filter((name) => name !== master) };
}

function longestDownMs(lan: FakeLan): number {
  return Math.max(...[...lan.nodes.values()].map(({ router }) => downMs(router)));
}

/** Master, or a master that answers until another has taken over. */
function isHolding(state: State | undefined): boolean {
  return state?.name === 'MASTER' || state?.name === 'HANDOVER';
}
