/** Whole elections of two and three routers, as traces that can be read. UPDATE_GOLDEN=1 writes them anew. */
import type { Router } from '../../../src/vrrp/election/state.js';
import { FakeLan } from '../../support/fake-lan.js';
import { assertGolden } from '../../support/golden.js';
import { router } from '../../support/routers.js';

/** a is 10.0.0.1 of priority 150, b 10.0.0.2 of 100, c 10.0.0.3 of 50. */
function lan(common: Partial<Router> = {}, count = 2): FakeLan {
  const made = new FakeLan();
  const nodes: [string, number][] = [
    ['a', 150],
    ['b', 100],
    ['c', 50],
  ];
  for (const [index, [name, priority]] of nodes.slice(0, count).entries()) {
    made.add(name, router({ priority, primaryAddress: `10.0.0.${index + 1}`, ...common }));
  }
  return made;
}

/** Starts all, lets the best become master, and forgets the trace so far. */
function settled(common: Partial<Router> = {}, count = 2): FakeLan {
  const made = lan(common, count);
  for (const name of made.nodes.keys()) made.start(name);
  made.runUntil(6000);
  made.trace.length = 0;
  return made;
}

function golden(name: string, claim: string, played: FakeLan): void {
  assertGolden(name, `# ${claim}\n# milliseconds  router  what it does\n${played.trace.join('\n')}\n`);
}

describe('elections', () => {
  it('two start together: the higher priority becomes master after Master_Down_Interval', () => {
    const played = lan();
    played.start('a');
    played.start('b');
    played.runUntil(6000);
    golden('election-start', 'a (150) and b (100) start together', played);
  });

  it('a planned stop leaves no moment without an owner', () => {
    const played = settled();
    played.at(6300, () => played.feed('a', { kind: 'shutdown' }));
    played.runUntil(8500);
    golden('election-planned-stop', 'the master is stopped: it answers until its peer does', played);
  });

  it('a planned stop without a peer ends by itself', () => {
    const played = lan({ primaryAddress: '10.0.0.1' }, 1);
    played.start('a');
    played.runUntil(4000);
    played.trace.length = 0;
    played.at(4100, () => played.feed('a', { kind: 'shutdown' }));
    played.runUntil(8000);
    golden('election-stop-alone', 'the only router is stopped', played);
  });

  it('a killed master is replaced, and its kernel lets the addresses go', () => {
    const played = settled();
    played.at(6300, () => played.kill('a'));
    played.runUntil(12_000);
    golden('election-killed', 'the master is killed and nobody restarts it', played);
  });

  it('a master killed and restarted at once goes on: nothing moves', () => {
    const played = settled();
    played.at(6300, () => played.kill('a'));
    played.at(6700, () => played.start('a'));
    played.runUntil(9000);
    golden('election-adoption', 'the master is killed and restarted 400 ms later', played);
  });

  it('the higher priority comes back: it holds and announces before it tells', () => {
    const played = settled();
    played.at(6300, () => played.feed('a', { kind: 'shutdown' }));
    played.at(9000, () => played.start('a'));
    played.runUntil(14_000);
    golden('election-preemption', 'the better router returns and preempts', played);
  });

  it('the operator hands over and back; preempt counts again after resume', () => {
    const played = settled();
    played.at(6300, () => played.feed('a', { kind: 'handover' }));
    played.at(9000, () => played.feed('a', { kind: 'resume' }));
    played.runUntil(14_000);
    golden('election-handover', 'the operator hands over, and lets the better router come back', played);
  });

  it('a cut cable makes two masters, and its mending one', () => {
    const played = settled();
    played.at(6300, () => played.cut('a', 'b'));
    played.at(11_300, () => played.mend('a', 'b'));
    played.runUntil(14_000);
    golden('election-cut', 'the cable between the two is cut for five seconds', played);
  });

  it('a frozen master lost its addresses meanwhile, and takes them back before it says so', () => {
    const played = settled();
    played.at(6300, () => played.freeze('a'));
    played.at(12_300, () => played.thaw('a'));
    played.runUntil(14_000);
    golden('election-frozen', 'the master is frozen for six seconds', played);
  });

  it('a frozen master gives way under nopreempt', () => {
    const played = settled({ preempt: false });
    played.at(6300, () => played.freeze('a'));
    played.at(12_300, () => played.thaw('a'));
    played.runUntil(14_000);
    golden('election-frozen-nopreempt', 'the master is frozen for six seconds, nopreempt', played);
  });

  it('of three, the second takes over and the third stays quiet', () => {
    const played = settled({}, 3);
    played.at(6300, () => played.kill('a'));
    played.runUntil(11_000);
    golden('election-three', 'a (150), b (100) and c (50): the master is killed', played);
  });

  it('adverts of 10 ms: stop, restart and kill', () => {
    const played = lan({
      advertIntMs: 10,
      garp: { ...router().garp, masterDelayMs: 0, lowerPrioDelayMs: 0 },
    });
    played.start('a');
    played.start('b');
    played.runUntil(95);
    played.trace.length = 0;
    played.at(103, () => played.feed('a', { kind: 'shutdown' }));
    played.at(150, () => played.start('a'));
    played.at(253, () => played.kill('a'));
    played.runUntil(300);
    golden('election-10ms', 'the same with an advert every 10 ms', played);
  });
});
