/** What the other director gets to hear of the connections of one that hands over, and when. */
import assert from 'node:assert/strict';
import { SystemError } from '../../src/net/system-error.js';
import { settle } from '../support/fake-clock.js';
import {
  backup,
  CONFIG,
  HandoverMachine,
  idle,
  line,
  master,
  resigning,
  taking,
} from '../support/handover-machine.js';
import { destination, key, service } from '../support/ipvs-values.js';

describe('processes/handover: telling', () => {
  let machine: HandoverMachine;
  beforeEach(() => {
    machine = new HandoverMachine();
  });

  it('tells all there is as it resigns, what is new while it waits, and a little longer', async () => {
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(50);
    assert.equal(machine.hurries, 1, 'before other programs');
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
    machine.lines = [line(5000, 'FIN_WAIT'), line(5001), line(5002, 'SYN_RECV')];
    await machine.clock.advanceAsync(30);
    assert.deepEqual(machine.told.slice(2), ['51 5000 4', '51 5002 3']);
    machine.handover.follow('VI_1', backup);
    machine.lines = [line(5003)];
    await machine.clock.advanceAsync(1000);
    assert.ok(machine.told.includes('51 5003 1'));
    assert.deepEqual([machine.closed, machine.hurries], [1, 0]);
    const before = machine.listings;
    await machine.clock.advanceAsync(5000);
    assert.equal(machine.listings, before, 'nothing is read any more');
    assert.match(machine.log.join(), /told the other director of \d connections/);
  });

  it('tells of no half-open connection that may be old: the new master may have chosen for it already', async () => {
    machine.lines = [line(5004, 'SYN_RECV', 58), line(5005, 'SYN_RECV', 59), line(5006)];
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(1000);
    assert.deepEqual([...new Set(machine.told)], ['51 5005 3', '51 5006 1']);
  });

  it('tells of those of three seconds by direct routing, where their clients have been answered', async () => {
    machine.lines = [line(5004, 'SYN_RECV', 57), line(5005, 'SYN_RECV', 58), line(5006, 'SYN_RECV', 56)];
    machine.handover.note(
      key(),
      service({ destinations: [destination('10.0.0.11', { forwarding: { method: 'dr' } })] }),
    );
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(1000);
    assert.deepEqual([...new Set(machine.told)], ['51 5004 3', '51 5005 3']);
  });

  it('tells of one whose client has asked again', async () => {
    machine.lines = [line(5004, 'SYN_RECV', 58)];
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(50);
    assert.deepEqual(machine.told, []);
    machine.lines = [line(5004, 'SYN_RECV', 60)];
    await machine.clock.advanceAsync(30);
    assert.deepEqual(machine.told, ['51 5004 3']);
  });

  it('tells at once of what came since the last listing, however long that took', async () => {
    machine.handover.follow('VI_1', resigning);
    machine.slowMs = 600;
    await machine.clock.advanceAsync(100);
    machine.handover.follow('VI_1', backup);
    machine.lines = [line(5002)];
    await machine.clock.advanceAsync(100);
    assert.equal(machine.told.includes('51 5002 1'), false, 'it is listing still');
    machine.slowMs = 0;
    await machine.clock.advanceAsync(600);
    assert.ok(machine.told.includes('51 5002 1'), machine.told.join());
  });

  it('tells of young ones also where the list takes long, and of none once all of them may be old', async () => {
    [machine.lines, machine.slowMs] = [[line(5004, 'SYN_RECV')], 890];
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(890);
    await settle();
    assert.deepEqual(machine.told, ['51 5004 3'], '690 ms after the end of telling');
    machine.told = [];
    await machine.clock.advanceAsync(5000);
    assert.deepEqual(machine.told, [], 'the second listing is over later');
  });

  it('says all of it a second time, as a message may be lost', async () => {
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(400);
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1', '51 5000 1', '51 5001 1']);
  });

  it('tells as it is preempted', async () => {
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(20);
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
  });

  it('stops telling when nobody took over', async () => {
    machine.handover.follow('VI_1', master);
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(50);
    machine.handover.follow('VI_1', master);
    await machine.clock.advanceAsync(50);
    assert.equal(machine.closed, 1);
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(50);
    assert.equal(machine.told.length, 4, 'and begins anew the next time');
  });

  it('ends before the process does, and not before what is on its way is told', async () => {
    machine.handover.follow('VI_1', resigning);
    let finished = false;
    void machine.handover.finish().then(() => {
      finished = true;
    });
    await machine.clock.advanceAsync(100);
    assert.equal(finished, false);
    machine.lines = [line(6000)];
    await machine.clock.advanceAsync(500);
    assert.equal(finished, true);
    assert.ok(machine.told.includes('51 6000 1'));
  });

  it('goes on with its life when the network refuses', async () => {
    machine.refusal = new SystemError('send', 'udp', 'ENETUNREACH', 'network is unreachable');
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(100);
    assert.match(machine.log.join(), /warn: .*cannot tell the other director of connections: .*unreachable/);
    assert.equal(machine.closed, 1);
  });

  it('says that it cannot tell, and tells the next time', async () => {
    machine.unopened = new SystemError('find interface', 'eth0', 'ENODEV', 'no such device');
    machine.handover.follow('VI_1', resigning);
    await settle();
    assert.match(
      machine.log.join(),
      /warn: .*cannot tell the other director of connections: .*no such device/,
    );
    machine.handover.follow('VI_1', master);
    machine.unopened = undefined;
    machine.handover.follow('VI_1', resigning);
    await machine.clock.advanceAsync(20);
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
  });

  it('tries again where a queue is full', async () => {
    machine.refusal = new SystemError('send', 'udp', 'ENOBUFS', 'no buffer space');
    machine.handover.follow('VI_1', resigning);
    await settle();
    machine.refusal = undefined;
    await machine.clock.advanceAsync(10);
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
  });

  describe('in a process that was started again', () => {
    it('tells as it is preempted: it has heard that it is master', async () => {
      machine.handover = machine.create(({ follow }) => follow('VI_1', master, 5000));
      await settle();
      assert.deepEqual(machine.told, []);
      machine.handover.follow('VI_1', backup);
      await machine.clock.advanceAsync(20);
      assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
    });

    it('goes on telling as it resigns', async () => {
      machine.handover = machine.create(({ follow }) => follow('VI_1', resigning, 300));
      await machine.clock.advanceAsync(20);
      assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
    });

    it('tells nothing of what is over', async () => {
      machine.handover = machine.create(({ follow }) => {
        follow('VI_1', master, 9000);
        follow('VI_1', backup, 5000);
      });
      await machine.clock.advanceAsync(500);
      assert.deepEqual([machine.told, machine.listings], [[], 0]);
    });
  });

  it('knows at a reload that brings the synchronisation where its instance stands', async () => {
    machine.handover.configure(undefined, []);
    machine.handover.follow('VI_1', master);
    machine.handover.configure(CONFIG, ['10.0.0.100']);
    machine.handover.follow('VI_1', backup);
    await machine.clock.advanceAsync(20);
    assert.deepEqual(machine.told, ['51 5000 1', '51 5001 1']);
  });

  it('heeds the instance of the configuration alone, and none without one', async () => {
    await settle();
    machine.nft = [];
    machine.handover.follow('VI_2', resigning);
    machine.handover.configure(undefined, []);
    machine.handover.follow('VI_1', taking(0));
    await machine.clock.advanceAsync(1000);
    assert.deepEqual([machine.told, machine.nft, machine.listings], [[], [], 0]);
    machine.handover.configure({ interface: 'eth0', syncId: 51 }, []);
    machine.handover.follow('VI_2', resigning);
    machine.handover.follow('VI_1', idle);
    await machine.clock.advanceAsync(50);
    assert.equal(machine.told.length, 2);
  });
});
