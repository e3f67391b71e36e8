/** The story of `npm start`: what is done to the lab, and what was seen meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.js';
import { Load } from './load.js';
import { DIRECTORS, type DirectorName, Pair } from './pair.js';
import { serving, takesPart } from './serving.js';
import type { DirectorTurns, ServerTurns, Told, Turn } from './told.js';
import { type ServerName, VIP } from './topology.js';

const POOL = ['rs1', 'rs2', 'rs3'] as const satisfies readonly ServerName[];
/** Between what is done and what is done next: some dozens of requests. */
const REST_MS = 1_500;
/** 50 requests a second, with a deadline so long that a slow machine alone makes none fail. */
const CLIENT = { rate: 50, deadlineMs: 20_000 };

type Deed = Pick<Turn, 'what' | 'excuse'> & {
  readonly act: () => Promise<unknown>;
  /** Resolves to when the directors had followed. */
  readonly followed: () => Promise<number>;
  readonly show: () => Promise<readonly string[]>;
};

export class Story {
  private readonly client: typeof CLIENT;

  /** `lab`: one where nobody holds the VIPs yet. `client`: another client than the usual one. */
  constructor(
    private readonly lab: Lab,
    private readonly say: (line: string, details: readonly string[]) => void,
    client: Partial<typeof CLIENT> = {},
  ) {
    this.client = { ...CLIENT, ...client };
  }

  /** Takes about a minute. Throws when the directors do not follow at all. */
  async tell(): Promise<Told> {
    const pair = await Pair.start(this.lab);
    await pair.tables('complete', (table) => serving(table, POOL));
    await pair.master('d1');
    const { rate } = this.client;
    const load = await Load.start(this.lab.host('client'), this.client);
    const beganAt = (await load.mark('begin')).at;
    this.say(
      `lvsd on d1 and d2 has checked three servers; the client asks ${VIP.v4} ${rate} times a second`,
      [...(await masters(pair)), ...(await this.table())],
    );
    const turn = (deed: Deed) => this.turn(load, deed);
    const servers = await this.serverTurns(pair, turn);
    await pair.master('d1');
    const directors = await directorTurns(this.lab, pair, turn);
    await sleep(REST_MS);
    const endedAt = (await load.mark('end')).at;
    const requests = await load.stop();
    pair.leave();
    const sorryGoneAt = Math.max(...DIRECTORS.map((name) => sorryGone(pair, name, servers.dawn.doneAt)));
    return { requests, rate, beganAt, endedAt, servers, sorryGoneAt, directors };
  }

  private async turn(load: Load, { what, excuse, act, followed, show }: Deed): Promise<Turn> {
    await sleep(REST_MS);
    const { at: doneAt } = await load.mark(what);
    await act();
    const noticedAt = await followed();
    this.say(`${what}; followed after ${noticedAt - doneAt} ms`, await show());
    return { what, doneAt, noticedAt, ...(excuse && { excuse }) };
  }

  private async serverTurns(pair: Pair, turn: (deed: Deed) => Promise<Turn>): Promise<ServerTurns> {
    const toServers = (
      what: string,
      act: (name: ServerName) => Promise<void>,
      whom: readonly ServerName[],
      now: readonly ServerName[],
    ): Deed => ({
      what,
      act: () => Promise.all(whom.map(act)),
      followed: () => pair.tables(now.join(' '), (table) => serving(table, now)),
      show: () => this.table(),
    });
    const stop = (name: ServerName) => this.lab.stopServer(name);
    const start = (name: ServerName) => this.lab.startServer(name);
    const excuse = 'the check that noticed';
    return {
      death: await turn({ ...toServers('rs1 killed', stop, ['rs1'], ['rs2', 'rs3']), excuse }),
      rebirth: await turn(toServers('rs1 started', start, ['rs1'], POOL)),
      blackout: await turn({ ...toServers('all three killed', stop, POOL, ['sorry']), excuse }),
      dawn: await turn(toServers('all three started', start, POOL, POOL)),
    };
  }

  /** What d1 has in its kernel for the VIP. */
  private async table(): Promise<readonly string[]> {
    const text = await this.lab.host('d1').output(['ipvsadm', '-Ln', '-t', `${VIP.v4}:80`]);
    return text.trimEnd().split('\n').slice(1);
  }
}

async function directorTurns(
  lab: Lab,
  pair: Pair,
  turn: (deed: Deed) => Promise<Turn>,
): Promise<DirectorTurns> {
  const move = (what: string, by: DirectorName, act: () => Promise<unknown>): Deed => ({
    what,
    act,
    followed: () => pair.master(by),
    show: () => masters(pair),
  });
  const excuse = 'the takeover';
  return {
    handover: await turn(move('lvsd handover on d1', 'd2', () => pair.handOver('d1'))),
    back: await turn(move('lvsd handover --back', 'd1', () => pair.handOver('d1', '--back'))),
    cut: await turn({ ...move("d1's cable cut", 'd2', () => lab.cut('d1')), excuse }),
    mended: await turn(move("d1's cable mended", 'd1', () => lab.mend('d1'))),
    killed: await turn({ ...move('all of lvsd on d1 killed with -9', 'd2', () => pair.kill('d1')), excuse }),
    returned: await turn(move('lvsd started again on d1', 'd1', () => pair.run('d1'))),
  };
}

async function masters(pair: Pair): Promise<readonly string[]> {
  return Promise.all(
    DIRECTORS.map(async (name) => {
      const instance = await pair.instance(name);
      return `${name} ${instance === undefined ? 'has no lvsd' : `${instance.state}: ${instance.cause}`}`;
    }),
  );
}

/** When a director's table had no sorry server any more, after a time. */
function sorryGone(pair: Pair, name: DirectorName, after: number): number {
  const seen = pair.watch(name).sightings.filter(({ at }) => at >= after);
  return seen.find(({ table }) => !takesPart(table, 'sorry'))?.at ?? Number.POSITIVE_INFINITY;
}
