/** What a director that takes over holds back, and how its nft is had beforehand. */
import assert from 'node:assert/strict';
import { NftError } from '../../src/nft/errors.js';
import { settle } from '../support/fake-clock.js';
import { backup, HandoverMachine, line, master, taking } from '../support/handover-machine.js';
import { destination, key, service } from '../support/ipvs-values.js';

describe('processes/handover: the hold', () => {
  let machine: HandoverMachine;
  beforeEach(() => {
    machine = new HandoverMachine();
  });

  it('holds from a second before it takes over until two after, and receives as long', async () => {
    await settle();
    machine.nft = [];
    machine.handover.follow('VI_1', taking(2400));
    await machine.clock.advanceAsync(2405);
    assert.deepEqual(machine.nft, ['2400 hold 3500']);
    assert.equal(machine.handover.receives(), true);
    machine.handover.follow('VI_1', master);
    await machine.clock.advanceAsync(1999);
    assert.equal(machine.handover.receives(), true);
    await machine.clock.advanceAsync(1);
    assert.deepEqual(machine.nft, ['2400 hold 3500', '5405 release']);
    assert.deepEqual(machine.receives, [false]);
  });

  describe('of connections that are over here', () => {
    const over = [line(5001, 'TIME_WAIT', 80), line(5002, 'CLOSE', 8), line(5003, 'TIME_WAIT', 1)];

    beforeEach(async () => {
      await settle();
      machine.nft = [];
      machine.lines = [line(5000), ...over, line(5004, 'CLOSE_WAIT', 20), line(5005, 'FIN_WAIT', 80)];
    });

    it('takes nothing but a beginning for one of them, until a second after the takeover', async () => {
      machine.handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(machine.nft, ['1000 hold 3100', '1000 closed 5001,5002,5003 1600']);
    });

    it('does so from a second before it', async () => {
      machine.handover.follow('VI_1', taking(2400));
      await machine.clock.advanceAsync(1399);
      assert.deepEqual([machine.nft, machine.listings], [[], 0]);
      await machine.clock.advanceAsync(1);
      assert.deepEqual(machine.nft, ['2400 hold 3500', '2400 closed 5001,5002,5003 2000']);
    });

    for (const [what, then] of [
      ['has come before they are listed', () => {}],
      ['does not come', () => machine.handover.follow('VI_1', backup)],
      ['has come sooner than expected', () => machine.handover.follow('VI_1', master)],
    ] as const) {
      it(`does nothing when the takeover ${what}`, async () => {
        machine.slowMs = 600;
        machine.handover.follow('VI_1', taking(600));
        await machine.clock.advanceAsync(300);
        then();
        await machine.clock.advanceAsync(5000);
        assert.equal(machine.nft.filter((each) => each.includes('closed')).length, 0, machine.nft.join());
        assert.match(machine.nft.join(), /hold/);
      });
    }

    it('lists them once, though the takeover comes a little later', async () => {
      machine.slowMs = 300;
      machine.handover.follow('VI_1', taking(600));
      await machine.clock.advanceAsync(200);
      machine.handover.follow('VI_1', taking(440));
      await machine.clock.advanceAsync(100);
      assert.deepEqual(
        [machine.listings, machine.nft],
        [1, ['1000 hold 3100', '1300 closed 5001,5002,5003 1340']],
      );
    });

    it('knows of none where a port that is used again keeps its real server', async () => {
      machine.reuseMode = 0;
      machine.handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual([machine.nft, machine.listings], [['1000 hold 3100'], 0]);
    });

    it('counts those in FIN_WAIT in with bit 2 of the setting, by direct routing', async () => {
      machine.reuseMode = 3;
      machine.handover.note(
        key(),
        service({ destinations: [destination('10.0.0.11', { forwarding: { method: 'dr' } })] }),
      );
      machine.handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(machine.nft, ['1000 hold 3100', '1000 closed 5001,5002,5003,5005 1600']);
    });

    it('knows of none where there are none', async () => {
      machine.lines = [line(5000)];
      machine.handover.follow('VI_1', taking(600));
      await settle();
      assert.deepEqual(machine.nft, ['1000 hold 3100']);
    });
  });

  it('has started nft beforehand, as a backup', async () => {
    machine.handover.follow('VI_1', backup);
    await settle();
    machine.nft = [];
    machine.clock.advance(60_000);
    machine.started = [];
    machine.handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([machine.nft, machine.started], [['61000 held 2550'], []]);
    machine.handover.follow('VI_1', backup);
    await settle();
    assert.equal(machine.started.length, 3, 'to let go, and for the next time');
    assert.deepEqual(machine.nft.slice(1), ['61000 release', '61000 laid']);
    assert.equal(machine.dismissed, 0);
  });

  for (const [what, then] of [
    ['becomes master unasked', () => machine.handover.follow('VI_1', master)],
    ['ends', () => void machine.handover.finish()],
    ['has nothing to synchronise any more', () => machine.handover.configure(undefined, [])],
  ] as const) {
    it(`does not let it wait in vain when it ${what}`, async () => {
      machine.handover.follow('VI_1', backup);
      await settle();
      assert.equal(machine.dismissed, 0);
      then();
      await settle();
      assert.equal(machine.dismissed, 1);
    });
  }

  it('starts another where the one that waits has ended', async () => {
    machine.waitingFails = new NftError('hold connections', 'refused', 'nft was ended by SIGKILL');
    machine.handover.follow('VI_1', backup);
    await settle();
    machine.waitingFails = undefined;
    machine.nft = [];
    machine.handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([machine.nft, machine.log], [['1000 held 2550'], []]);
  });

  it('has its rules there beforehand, as a backup, until it is none any more', async () => {
    await settle();
    machine.nft = [];
    machine.handover.follow('VI_1', backup);
    machine.handover.follow('VI_1', backup);
    await settle();
    assert.deepEqual(machine.nft, ['1000 laid']);
    machine.handover.follow('VI_1', master);
    await settle();
    assert.deepEqual(machine.nft, ['1000 laid', '1000 release']);
  });

  it('has them there again when its hold is over, where another of its instances is backup', async () => {
    machine.handover.configure({ interface: 'eth0', syncId: 51 }, []);
    machine.handover.follow('VI_2', backup);
    machine.handover.follow('VI_1', taking(50));
    machine.handover.follow('VI_1', master);
    await settle();
    machine.nft = [];
    await machine.clock.advanceAsync(2000);
    assert.deepEqual(machine.nft, ['3000 release', '3000 laid']);
  });

  it('says nothing where they are refused beforehand, and by name where a hold is', async () => {
    machine.refused = /add chain/;
    machine.handover.follow('VI_1', backup);
    await settle();
    assert.deepEqual(machine.log, []);
    machine.handover.follow('VI_1', taking(50));
    await settle();
    assert.match(machine.log.join(), /warn: hand-over: .*No such file or directory.*may be reset/);
  });

  it('holds with rules of its own where another hand has removed those', async () => {
    machine.handover.follow('VI_1', backup);
    await settle();
    machine.nft = [];
    machine.refused = /^add element/;
    machine.handover.follow('VI_1', taking(50));
    await settle();
    assert.deepEqual([machine.nft, machine.log], [['1000 hold 2550'], []]);
  });

  it('lets go at once when it does not come to a takeover', async () => {
    machine.handover.follow('VI_1', taking(600));
    await machine.clock.advanceAsync(100);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(0);
    assert.deepEqual(machine.nft, ['1000 release', '1000 hold 3100', '1100 release', '1100 laid']);
  });

  it('lets go in any case', async () => {
    machine.handover.follow('VI_1', taking(600));
    await machine.clock.advanceAsync(10_000);
    assert.equal(machine.nft.at(-1), '4100 release');
  });

  it('removes at its start what a predecessor may have left', async () => {
    await settle();
    assert.deepEqual(machine.nft, ['1000 release']);
  });

  it('goes on without nft, and says so once, by name', async () => {
    machine.nftFails = new NftError(
      'hold connections',
      'missing',
      'there is no program nft: install the package nftables',
    );
    for (let round = 0; round < 2; round++) {
      machine.handover.follow('VI_1', taking(600));
      await machine.clock.advanceAsync(100);
      machine.handover.follow('VI_1', backup);
      await machine.clock.advanceAsync(100);
    }
    assert.equal(machine.log.length, 1);
    assert.match(machine.log[0] ?? '', /warn: .*no program nft: install the package nftables/);
  });

  it('does not receive where that would stop the balancing', () => {
    machine.backupOnly = true;
    machine.handover.follow('VI_1', taking(0));
    assert.equal(machine.handover.receives(), false);
  });

  it('has started nft beforehand, as a backup, in a process that was started again', async () => {
    await settle();
    [machine.started, machine.nft] = [[], []];
    machine.handover = machine.create(({ follow }) => follow('VI_1', backup, 5000));
    await settle();
    assert.deepEqual([machine.started.length, machine.nft], [3, ['1000 release', '1000 laid']]);
  });
});
