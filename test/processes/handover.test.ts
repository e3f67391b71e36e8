/** A director's part in a hand-over: what its kernel, its nftables and the other director get to hear, and when. */
import assert from 'node:assert/strict';
import { SystemError } from '../../src/net/system-error.js';
import { NftError } from '../../src/nft/errors.js';
import { EMPTY_HOLD } from '../../src/nft/hold.js';
import type { NftProgram } from '../../src/nft/program.js';
import { createHandover, type Handover } from '../../src/processes/handover.js';
import type { Stage } from '../../src/vrrp/election/stage.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';
import { destination, key, service } from '../support/ipvs-values.js';
import { readMessage } from '../support/sync-messages.js';

const CONFIG = { interface: 'eth0', instance: 'VI_1', syncId: 51 };
const line = (port: number, state = 'ESTABLISHED', leftS = state === 'SYN_RECV' ? 59 : 899) =>
  `TCP 0A000001 ${port.toString(16).toUpperCase().padStart(4, '0')} 0A000064 0050 0A00000B 0050 ${state.padEnd(11)} ${`${leftS}`.padStart(7)}`;

const [backup, master, resigning, idle] = (['backup', 'master', 'resigning', 'idle'] as const).map(
  (name) => ({ name }) as Stage,
) as [Stage, Stage, Stage, Stage];
const taking = (inMs: number): Stage => ({ name: 'taking-over', inMs });

/** What nft is to do, with the time it is for: `hold` with rules, `held` where they are. */
function wordsOf(input: string): string {
  if (input === EMPTY_HOLD) return 'laid';
  const ms = /timeout (\d+)ms/.exec(input)?.[1];
  if (ms === undefined) return 'release';
  const closed = [...input.matchAll(/10.0.0.1 . (\d+) . 10.0.0.100 . 80/g)].map(([, port]) => port);
  if (closed.length > 0) return `closed ${closed} ${ms}`;
  return input.includes('add chain') ? `hold ${ms}` : `held ${ms}`;
}

describe('processes/handover', () => {
  let clock: FakeClock;
  let lines: string[];
  let told: string[];
  let nft: string[];
  let log: string[];
  let receives: boolean[];
  let listings: number;
  /** Before the first line of a list. */
  let slowMs: number;
  let closed: number;
  /** When programs nft were started. */
  let started: number[];
  let dismissed: number;
  let nftFails: NftError | undefined;
  /** Of a program that waits for its input. */
  let waitingFails: NftError | undefined;
  /** What nft refuses. */
  let refused: RegExp | undefined;
  let refusal: SystemError | undefined;
  let unopened: SystemError | undefined;
  let backupOnly: boolean;
  let reuseMode: number;
  let hurries: number;
  let handover: Handover;

  beforeEach(() => {
    clock = createFakeClock(1000);
    [lines, told, nft, log, receives] = [[line(5000), line(5001)], [], [], [], []];
    [listings, closed, nftFails, refusal, backupOnly] = [0, 0, undefined, undefined, false];
    [waitingFails, refused, reuseMode, unopened] = [undefined, undefined, 1, undefined];
    [started, dismissed, hurries, slowMs] = [[], 0, 0, 0];
    handover = create();
  });

  /** @param before what it hears before it is configured */
  function create(before: (made: Handover) => void = () => {}): Handover {
    const made = createHandover({
      clock,
      log: { info: (text) => void log.push(text), warn: (text) => void log.push(`warn: ${text}`) },
      onReceives: () => void receives.push(made.receives()),
      list: async function* () {
        listings += 1;
        const found = lines.map((each) => [each]);
        if (slowMs > 0) await new Promise<void>((resolve) => clock.wake(clock.now() + slowMs, resolve));
        yield* found;
      },
      open: () =>
        unopened ?? {
          send: (bytes) => {
            if (refusal !== undefined) return refusal;
            const { syncId, entries } = readMessage(bytes);
            for (const { clientPort, state } of entries) told.push(`${syncId} ${clientPort} ${state}`);
            return undefined;
          },
          close: () => {
            closed += 1;
          },
        },
      nft: program,
      backupOnly: () => backupOnly,
      reuseMode: () => reuseMode,
      hurry: () => {
        hurries += 1;
        return () => {
          hurries -= 1;
        };
      },
    });
    before(made);
    made.configure(CONFIG, ['10.0.0.100']);
    made.note(key(), service({ destinations: [destination()] }));
    return made;
  }

  const program: NftProgram = async (command) => {
    if (nftFails) throw nftFails;
    if (waitingFails && typeof command.input !== 'string') throw waitingFails;
    started.push(clock.now());
    const input = (await command.input) ?? '';
    if (refused?.test(input)) return { code: 1, output: '', error: 'No such file or directory' };
    if (input === '') dismissed += 1;
    else nft.push(`${clock.now()} ${wordsOf(input)}`);
    return { code: 0, output: '', error: '' };
  };

  it('tells all there is as it resigns, what is new while it waits, and a little longer', async () => {
    handover.follow('VI_1', master);
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(50);
    assert.equal(hurries, 1, 'before other programs');
    assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
    lines = [line(5000, 'FIN_WAIT'), line(5001), line(5002, 'SYN_RECV')];
    await clock.advanceAsync(30);
    assert.deepEqual(told.slice(2), ['51 5000 4', '51 5002 3']);
    handover.follow('VI_1', backup);
    lines = [line(5003)];
    await clock.advanceAsync(1000);
    assert.ok(told.includes('51 5003 1'));
    assert.deepEqual([closed, hurries], [1, 0]);
    const before = listings;
    await clock.advanceAsync(5000);
    assert.equal(listings, before, 'nothing is read any more');
    assert.match(log.join(), /told the other director of \d connections/);
  });

  it('tells of no half-open connection that may be old: the new master may have chosen for it already', async () => {
    lines = [line(5004, 'SYN_RECV', 58), line(5005, 'SYN_RECV', 59), line(5006)];
    handover.follow('VI_1', master);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(1000);
    assert.deepEqual([...new Set(told)], ['51 5005 3', '51 5006 1']);
  });

  it('tells of those of three seconds by direct routing, where their clients have been answered', async () => {
    lines = [line(5004, 'SYN_RECV', 57), line(5005, 'SYN_RECV', 58), line(5006, 'SYN_RECV', 56)];
    handover.note(
      key(),
      service({ destinations: [destination('10.0.0.11', { forwarding: { method: 'dr' } })] }),
    );
    handover.follow('VI_1', master);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(1000);
    assert.deepEqual([...new Set(told)], ['51 5004 3', '51 5005 3']);
  });

  it('tells of one whose client has asked again', async () => {
    lines = [line(5004, 'SYN_RECV', 58)];
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(50);
    assert.deepEqual(told, []);
    lines = [line(5004, 'SYN_RECV', 60)];
    await clock.advanceAsync(30);
    assert.deepEqual(told, ['51 5004 3']);
  });

  it('tells at once of what came since the last listing, however long that took', async () => {
    handover.follow('VI_1', resigning);
    slowMs = 600;
    await clock.advanceAsync(100);
    handover.follow('VI_1', backup);
    lines = [line(5002)];
    await clock.advanceAsync(100);
    assert.equal(told.includes('51 5002 1'), false, 'it is listing still');
    slowMs = 0;
    await clock.advanceAsync(600);
    assert.ok(told.includes('51 5002 1'), told.join());
  });

  it('tells of young ones also where the list takes long, and of none once all of them may be old', async () => {
    [lines, slowMs] = [[line(5004, 'SYN_RECV')], 890];
    handover.follow('VI_1', master);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(890);
    await settle();
    assert.deepEqual(told, ['51 5004 3'], '690 ms after the end of telling');
    told = [];
    await clock.advanceAsync(5000);
    assert.deepEqual(told, [], 'the second listing is over later');
  });

  it('says all of it a second time, as a message may be lost', async () => {
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(400);
    assert.deepEqual(told, ['51 5000 1', '51 5001 1', '51 5000 1', '51 5001 1']);
  });

  it('tells as it is preempted', async () => {
    handover.follow('VI_1', master);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(20);
    assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
  });

  it('stops telling when nobody took over', async () => {
    handover.follow('VI_1', master);
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(50);
    handover.follow('VI_1', master);
    await clock.advanceAsync(50);
    assert.equal(closed, 1);
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(50);
    assert.equal(told.length, 4, 'and begins anew the next time');
  });

  it('ends before the process does, and not before what is on its way is told', async () => {
    handover.follow('VI_1', resigning);
    let finished = false;
    void handover.finish().then(() => {
      finished = true;
    });
    await clock.advanceAsync(100);
    assert.equal(finished, false);
    lines = [line(6000)];
    await clock.advanceAsync(500);
    assert.equal(finished, true);
    assert.ok(told.includes('51 6000 1'));
  });

  it('goes on with its life when the network refuses', async () => {
    refusal = new SystemError('send', 'udp', 'ENETUNREACH', 'network is unreachable');
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(100);
    assert.match(log.join(), /warn: .*cannot tell the other director of connections: .*unreachable/);
    assert.equal(closed, 1);
  });

  it('says that it cannot tell, and tells the next time', async () => {
    unopened = new SystemError('find interface', 'eth0', 'ENODEV', 'no such device');
    handover.follow('VI_1', resigning);
    await settle();
    assert.match(log.join(), /warn: .*cannot tell the other director of connections: .*no such device/);
    handover.follow('VI_1', master);
    unopened = undefined;
    handover.follow('VI_1', resigning);
    await clock.advanceAsync(20);
    assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
  });

  it('tries again where a queue is full', async () => {
    refusal = new SystemError('send', 'udp', 'ENOBUFS', 'no buffer space');
    handover.follow('VI_1', resigning);
    await settle();
    refusal = undefined;
    await clock.advanceAsync(10);
    assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
  });

  it('holds from a second before it takes over until two after, and receives as long', async () => {
    await settle();
    nft = [];
    handover.follow('VI_1', taking(2400));
    await clock.advanceAsync(2405);
    assert.deepEqual(nft, ['2400 hold 3500']);
    assert.equal(handover.receives(), true);
    handover.follow('VI_1', master);
    await clock.advanceAsync(1999);
    assert.equal(handover.receives(), true);
    await clock.advanceAsync(1);
    assert.deepEqual(nft, ['2400 hold 3500', '5405 release']);
    assert.deepEqual(receives, [false]);
  });

  describe('of connections that are over here', () => {
    const over = [line(5001, 'TIME_WAIT', 80), line(5002, 'CLOSE', 8), line(5003, 'TIME_WAIT', 1)];

    beforeEach(async () => {
      await settle();
      nft = [];
      lines = [line(5000), ...over, line(5004, 'CLOSE_WAIT', 20), line(5005, 'FIN_WAIT', 80)];
    });

    it('takes nothing but a beginning for one of them, until a second after the takeover', async () => {
      handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(nft, ['1000 hold 3100', '1000 closed 5001,5002,5003 1600']);
    });

    it('does so from a second before it', async () => {
      handover.follow('VI_1', taking(2400));
      await clock.advanceAsync(1399);
      assert.deepEqual([nft, listings], [[], 0]);
      await clock.advanceAsync(1);
      assert.deepEqual(nft, ['2400 hold 3500', '2400 closed 5001,5002,5003 2000']);
    });

    for (const [what, then] of [
      ['has come before they are listed', () => {}],
      ['does not come', () => handover.follow('VI_1', backup)],
      ['has come sooner than expected', () => handover.follow('VI_1', master)],
    ] as const) {
      it(`does nothing when the takeover ${what}`, async () => {
        slowMs = 600;
        handover.follow('VI_1', taking(600));
        await clock.advanceAsync(300);
        then();
        await clock.advanceAsync(5000);
        assert.equal(nft.filter((each) => each.includes('closed')).length, 0, nft.join());
        assert.match(nft.join(), /hold/);
      });
    }

    it('lists them once, though the takeover comes a little later', async () => {
      slowMs = 300;
      handover.follow('VI_1', taking(600));
      await clock.advanceAsync(200);
      handover.follow('VI_1', taking(440));
      await clock.advanceAsync(100);
      assert.deepEqual([listings, nft], [1, ['1000 hold 3100', '1300 closed 5001,5002,5003 1340']]);
    });

    it('knows of none where a port that is used again keeps its real server', async () => {
      reuseMode = 0;
      handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual([nft, listings], [['1000 hold 3100'], 0]);
    });

    it('counts those in FIN_WAIT in with bit 2 of the setting, by direct routing', async () => {
      reuseMode = 3;
      handover.note(
        key(),
        service({ destinations: [destination('10.0.0.11', { forwarding: { method: 'dr' } })] }),
      );
      handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(nft, ['1000 hold 3100', '1000 closed 5001,5002,5003,5005 1600']);
    });

    it('knows of none where there are none', async () => {
      lines = [line(5000)];
      handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(nft, ['1000 hold 3100']);
    });
  });

  it('has started nft beforehand, as a backup', async () => {
    handover.follow('VI_1', backup);
    await settle();
    nft = [];
    clock.advance(60_000);
    started = [];
    handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([nft, started], [['61000 held 2550'], []]);
    handover.follow('VI_1', backup);
    await settle();
    assert.equal(started.length, 3, 'to let go, and for the next time');
    assert.deepEqual(nft.slice(1), ['61000 release', '61000 laid']);
    assert.equal(dismissed, 0);
  });

  for (const [what, then] of [
    ['becomes master unasked', () => handover.follow('VI_1', master)],
    ['ends', () => void handover.finish()],
    ['has nothing to synchronise any more', () => handover.configure(undefined, [])],
  ] as const) {
    it(`does not let it wait in vain when it ${what}`, async () => {
      handover.follow('VI_1', backup);
      await settle();
      assert.equal(dismissed, 0);
      then();
      await settle();
      assert.equal(dismissed, 1);
    });
  }

  it('starts another where the one that waits has ended', async () => {
    waitingFails = new NftError('hold connections', 'refused', 'nft was ended by SIGKILL');
    handover.follow('VI_1', backup);
    await settle();
    waitingFails = undefined;
    nft = [];
    handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([nft, log], [['1000 held 2550'], []]);
  });

  it('has its rules there beforehand, as a backup, until it is none any more', async () => {
    await settle();
    nft = [];
    handover.follow('VI_1', backup);
    handover.follow('VI_1', backup);
    await settle();
    assert.deepEqual(nft, ['1000 laid']);
    handover.follow('VI_1', master);
    await settle();
    assert.deepEqual(nft, ['1000 laid', '1000 release']);
  });

  it('has them there again when its hold is over, where another of its instances is backup', async () => {
    handover.configure({ interface: 'eth0', syncId: 51 }, []);
    handover.follow('VI_2', backup);
    handover.follow('VI_1', taking(50));
    handover.follow('VI_1', master);
    await settle();
    nft = [];
    await clock.advanceAsync(2000);
    assert.deepEqual(nft, ['3000 release', '3000 laid']);
  });

  it('says nothing where they are refused beforehand, and by name where a hold is', async () => {
    refused = /add chain/;
    handover.follow('VI_1', backup);
    await settle();
    assert.deepEqual(log, []);
    handover.follow('VI_1', taking(50));
    await settle();
    assert.match(log.join(), /warn: hand-over: .*No such file or directory.*may be reset/);
  });

  it('holds with rules of its own where another hand has removed those', async () => {
    handover.follow('VI_1', backup);
    await settle();
    nft = [];
    refused = /^add element/;
    handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([nft, log], [['1000 hold 2550'], []]);
  });

  it('lets go at once when it does not come to a takeover', async () => {
    handover.follow('VI_1', taking(600));
    await clock.advanceAsync(100);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(0);
    assert.deepEqual(nft, ['1000 release', '1000 hold 3100', '1100 release', '1100 laid']);
  });

  it('lets go in any case', async () => {
    handover.follow('VI_1', taking(600));
    await clock.advanceAsync(10_000);
    assert.equal(nft.at(-1), '4100 release');
  });

  it('removes at its start what a predecessor may have left', async () => {
    await settle();
    assert.deepEqual(nft, ['1000 release']);
  });

  it('goes on without nft, and says so once, by name', async () => {
    nftFails = new NftError(
      'hold connections',
      'missing',
      'there is no program nft: install the package nftables',
    );
    for (let round = 0; round < 2; round++) {
      handover.follow('VI_1', taking(600));
      await clock.advanceAsync(100);
      handover.follow('VI_1', backup);
      await clock.advanceAsync(100);
    }
    assert.equal(log.length, 1);
    assert.match(log[0] ?? '', /warn: .*no program nft: install the package nftables/);
  });

  it('does not receive where that would stop the balancing', () => {
    backupOnly = true;
    handover.follow('VI_1', taking(0));
    assert.equal(handover.receives(), false);
  });

  describe('in a process that was started again', () => {
    it('tells as it is preempted: it has heard that it is master', async () => {
      handover = create(({ follow }) => follow('VI_1', master, 5000));
      await settle();
      assert.deepEqual(told, []);
      handover.follow('VI_1', backup);
      await clock.advanceAsync(20);
      assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
    });

    it('goes on telling as it resigns', async () => {
      handover = create(({ follow }) => follow('VI_1', resigning, 300));
      await clock.advanceAsync(20);
      assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
    });

    it('tells nothing of what is over', async () => {
      handover = create(({ follow }) => {
        follow('VI_1', master, 9000);
        follow('VI_1', backup, 5000);
      });
      await clock.advanceAsync(500);
      assert.deepEqual([told, listings], [[], 0]);
    });

    it('has started nft beforehand, as a backup', async () => {
      await settle();
      [started, nft] = [[], []];
      handover = create(({ follow }) => follow('VI_1', backup, 5000));
      await settle();
      assert.deepEqual([started.length, nft], [3, ['1000 release', '1000 laid']]);
    });
  });

  it('knows at a reload that brings the synchronisation where its instance stands', async () => {
    handover.configure(undefined, []);
    handover.follow('VI_1', master);
    handover.configure(CONFIG, ['10.0.0.100']);
    handover.follow('VI_1', backup);
    await clock.advanceAsync(20);
    assert.deepEqual(told, ['51 5000 1', '51 5001 1']);
  });

  it('heeds the instance of the configuration alone, and none without one', async () => {
    await settle();
    nft = [];
    handover.follow('VI_2', resigning);
    handover.configure(undefined, []);
    handover.follow('VI_1', taking(0));
    await clock.advanceAsync(1000);
    assert.deepEqual([told, nft, listings], [[], [], 0]);
    handover.configure({ interface: 'eth0', syncId: 51 }, []);
    handover.follow('VI_2', resigning);
    handover.follow('VI_1', idle);
    await clock.advanceAsync(50);
    assert.equal(told.length, 2);
  });
});
