/** The story of `npm start`: what is done to the lab, and what was seen meanwhile. */
import { Daemon } from './daemon.js';
import type { TableService } from './ipvs.js';
import type { Lab } from './lab.js';
import { Load } from './load.js';
import type { Asked } from './request.js';
import { ADDRESS, type ServerName, VIP } from './topology.js';
import { Watch } from './watch.js';

export const RATE = 50;
const POOL = ['rs1', 'rs2', 'rs3'] as const satisfies readonly ServerName[];
/** Long enough that a slow machine alone makes no request fail. */
const DEADLINE_MS = 6_000;
const NOTICE_MS = 120_000;

/** An event and when the table followed; wall time in ms. Between the two a client may still be sent to a dead server. */
export type Turn = { readonly what: string; readonly doneAt: number; readonly noticedAt: number };

/** What the verdict is passed on. */
export type Told = {
  readonly requests: readonly Asked[];
  readonly beganAt: number;
  readonly endedAt: number;
  readonly death: Turn;
  readonly rebirth: Turn;
  readonly blackout: Turn;
  readonly dawn: Turn;
  /** When the table had no sorry server any more, after the servers' return. */
  readonly sorryGoneAt: number;
};

export class Story {
  constructor(
    private readonly lab: Lab,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes about 40 seconds. Throws when the director does not follow at all. */
  async tell(): Promise<Told> {
    const d1 = this.lab.host('d1');
    const watch = await Watch.start(d1);
    const lvsd = await Daemon.start(d1, { file: 'etc/lab.conf' });
    await watch
      .until('complete', (table) => serving(table, POOL), NOTICE_MS)
      .catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await lvsd.log()}`);
      });
    const load = await Load.start(this.lab.host('client'), { rate: RATE, deadlineMs: DEADLINE_MS });
    const beganAt = (await load.mark('begin')).at;
    await this.show(`lvsd on d1 has checked three servers; the client asks ${VIP.v4} ${RATE} times a second`);
    await pause(5_000);
    const turns = await this.turns(load, watch);
    const endedAt = (await load.mark('end')).at;
    const requests = await load.stop();
    watch.stop();
    const after = watch.sightings.filter(({ at }) => at >= turns.dawn.doneAt);
    const sorryGoneAt = after.find(({ table }) => !has(table, 'sorry'))?.at ?? endedAt;
    return { requests, beganAt, endedAt, sorryGoneAt, ...turns };
  }

  private async turns(
    load: Load,
    watch: Watch,
  ): Promise<Pick<Told, 'death' | 'rebirth' | 'blackout' | 'dawn'>> {
    const turn = async (
      what: string,
      act: () => Promise<unknown>,
      now: readonly ServerName[],
    ): Promise<Turn> => {
      const { at: doneAt } = await load.mark(what);
      await act();
      const { at: noticedAt } = await watch.until(now.join(' '), (table) => serving(table, now), NOTICE_MS);
      await this.show(`${what}; the table followed after ${noticedAt - doneAt} ms`);
      await pause(5_000);
      return { what, doneAt, noticedAt };
    };
    const all = (act: (name: ServerName) => Promise<void>) => () => Promise.all(POOL.map(act));
    return {
      death: await turn('rs1 killed', () => this.lab.stopServer('rs1'), ['rs2', 'rs3']),
      rebirth: await turn('rs1 started', () => this.lab.startServer('rs1'), POOL),
      blackout: await turn(
        'all three killed',
        all((name) => this.lab.stopServer(name)),
        ['sorry'],
      ),
      dawn: await turn(
        'all three started',
        all((name) => this.lab.startServer(name)),
        POOL,
      ),
    };
  }

  private async show(line: string): Promise<void> {
    this.say(line);
    const table = await this.lab.host('d1').output(['ipvsadm', '-Ln', '-t', `${VIP.v4}:80`]);
    console.log(table.replace(/^.*\n/, '').replace(/^/gm, '         ').trimEnd());
  }
}

/** Whether exactly these servers take part for the VIP. */
export function serving(table: readonly TableService[], names: readonly ServerName[]): boolean {
  const wanted = names.map((name) => `${ADDRESS[name].v4}:80`);
  return participants(table).sort().join() === wanted.sort().join();
}

function has(table: readonly TableService[], name: ServerName): boolean {
  return participants(table).includes(`${ADDRESS[name].v4}:80`);
}

function participants(table: readonly TableService[]): string[] {
  const service = table.find(({ protocol, address }) => protocol === 'TCP' && address === `${VIP.v4}:80`);
  return service?.servers.filter(({ weight }) => weight > 0).map(({ address }) => address) ?? [];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
