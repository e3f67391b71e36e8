/** What instances are fit for: told to their elections when it is news, and what becomes of directors whose checks cannot run. */
import assert from 'node:assert/strict';
import { type Assessor, createAssessor } from '../../src/vrrp/assessor.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { Order } from '../../src/vrrp/election/group.js';
import { initialState } from '../../src/vrrp/election/machine.js';
import type { Fitness } from '../../src/vrrp/election/state.js';
import { createInstance } from '../../src/vrrp/instance.js';
import { type Member, newMember } from '../../src/vrrp/member.js';
import type { Reading } from '../../src/vrrp/track/fitness.js';
import { createTurns, type Work } from '../../src/vrrp/turns.js';
import type { Place } from '../../src/vrrp/underlay.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

const script = (name: string, weight: number) => ({ name, weight, reverse: false });
const tracking = (...scripts: readonly ReturnType<typeof script>[]) => ({ ...instance().track, scripts });

const A = instance({ name: 'A', priority: 150, track: tracking(script('web', -20)) });
const B = instance({ name: 'B', virtualRouterId: 52, track: tracking(script('db', 0)) });
const OWNER = instance({ name: 'O', virtualRouterId: 53, priority: 255 });

describe('vrrp/assessor', () => {
  let readings: Map<string, Reading>;
  let faults: Map<string, readonly string[]>;
  let members: Map<string, Member>;
  let told: string[];
  let assessor: Assessor;
  const turns = createTurns(createFakeClock(), () => {});

  beforeEach(() => {
    readings = new Map([
      ['web', true],
      ['db', true],
    ]);
    faults = new Map();
    told = [];
    members = new Map([A, B, OWNER].map((config) => [config.name, member(config)]));
    const say = (_fields: object, text: string) => void told.push(text);
    assessor = createAssessor({
      members,
      sync: { groupOf: () => undefined, together: obey },
      turns,
      read: (_kind, name) => readings.get(name),
      log: { info: say, warn: say },
      onRepriced: ({ instance: { config } }, from, to) => told.push(`${config().name} ${from} → ${to}`),
      afterwards: function* () {
        told.push('assessed');
        yield;
      },
    });
    assessor.configure(vrrpConfig([A, B, OWNER]));
    assessor.assess();
    told = [];
  });

  /** Takes part in no election: what it was told last is its state. */
  function member(config: InstanceConfig): Member {
    let fitness: Fitness = { priority: config.priority };
    const witness = {
      transition: () => {},
      rxLowerPri: () => {},
      stepped: () => {},
      late: () => {},
      warn: () => {},
    };
    const place = { faults: () => faults.get(config.name) ?? [] } as Partial<Place> as Place;
    const own = createInstance({ config, grouped: false, clock: createFakeClock(), hands: place, witness });
    return newMember(
      {
        ...own,
        state: () => initialState({ ...config, grouped: false }, fitness),
        feed: (event) => {
          if (event.kind === 'fitness') fitness = event.fitness;
        },
      },
      place,
      false,
    );
  }

  function* obey(given: Iterable<Order>): Work {
    const orders = [...given];
    told.push(`orders ${orders.map(({ instance: name, event }) => `${name} ${event.kind}`).join(', ')}`);
    for (const { instance: name, event } of orders) members.get(name)?.instance.feed(event);
  }

  it('tells elections together, and only what is news to them', () => {
    readings.set('web', false);
    readings.set('db', false);
    assessor.assess();
    assert.deepEqual(told.splice(0), ['A 150 → 130', 'orders A fitness, B fitness', 'assessed']);
    assessor.assess();
    assert.deepEqual(told.splice(0), ['orders ', 'assessed']);
    readings.set('db', true);
    assessor.assess();
    assert.deepEqual(told, ['orders B fitness', 'assessed']);
  });

  it('keeps of each member what it was assessed by', () => {
    readings.delete('db');
    faults.set('A', ['interface eth0 is down']);
    assessor.assess();
    const [a, b] = ['A', 'B'].map((name) => members.get(name));
    assert.deepEqual(a?.linkFaults, ['interface eth0 is down']);
    assert.deepEqual(a?.assessment.fitness.fault, { kind: 'link', reason: 'interface eth0 is down' });
    assert.deepEqual(b?.assessment.pending, ['script db not known yet']);
    assert.deepEqual(b?.linkFaults, []);
  });

  it('checks that cannot run: all but owners are lowered, and told apart; once', () => {
    assessor.setUnfit(true);
    assert.deepEqual(told.splice(0), [
      'the health checks cannot run: handing over if a peer is there',
      'A 150 → 1',
      'B 100 → 1',
      'orders A fitness, B fitness',
      'assessed',
      'orders A unfit, B unfit',
    ]);
    assert.deepEqual(assessor.trackersDown(members.get('A') ?? assert.fail()), [
      'health checks cannot run: priority 1',
    ]);
    assessor.setUnfit(true);
    assert.deepEqual(told, []);
    turns.run(assessor.handOverUnfit);
    assert.deepEqual(told.splice(0), ['orders A unfit, B unfit'], 'of members that came since');
    assessor.setUnfit(false);
    assert.deepEqual(told, [
      'the health checks run again',
      'A 1 → 150',
      'B 1 → 100',
      'orders A fitness, B fitness',
      'assessed',
    ]);
    told = [];
    turns.run(assessor.handOverUnfit);
    assert.deepEqual(told, []);
  });

  it('a member that fails names what it costs', () => {
    readings.set('web', false);
    assert.deepEqual(assessor.trackersDown(members.get('A') ?? assert.fail()), [
      'script web is down: 20 less',
    ]);
  });

  it('nobody is assessed at the end any more', () => {
    assessor.stop();
    readings.set('web', false);
    assessor.assess();
    assert.deepEqual(told, []);
  });
});

describe('health checks that cannot run', () => {
  let clock: FakeClock;
  let a: FakeDirector;
  let b: FakeDirector;

  beforeEach(() => {
    clock = createFakeClock();
    const wire = new FakeWire(clock);
    a = createFakeDirector({ clock, wire }, 'a', '10.0.0.1');
    b = createFakeDirector({ clock, wire }, 'b', '10.0.0.2');
  });

  const holders = () => [a, b].filter(({ underlay }) => underlay.holds('VI_1'));

  function pair(change: Partial<InstanceConfig> = {}): void {
    a.director.configure(vrrpConfig([instance({ priority: 150, ...change })]));
    b.director.configure(vrrpConfig([instance(change)]));
  }

  const gap = (during: () => void) => {
    during();
    for (let ms = 0; ms < 5000; ms += 1) {
      clock.advance(1);
      assert.ok(holders().length >= 1, `nobody holds them after ${ms} ms`);
    }
  };

  for (const preempt of [true, false]) {
    it(`make a master hand over to a peer${preempt ? '' : ' with nopreempt'}, and come back when they run`, () => {
      pair({ preempt });
      clock.advance(10_000);
      gap(() => a.director.setUnfit(true));
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
      const [status] = a.director.instances();
      assert.deepEqual(status?.priority, { effective: 1, configured: 150 });
      assert.deepEqual(status?.trackersDown, ['health checks cannot run: priority 1']);
      gap(() => a.director.setUnfit(false));
      assert.deepEqual(a.states(), [preempt ? 'VI_1 MASTER' : 'VI_1 BACKUP']);
    });
  }

  it('leave a director alone master', () => {
    a.director.configure(vrrpConfig([instance({ priority: 150 })]));
    clock.advance(10_000);
    gap(() => a.director.setUnfit(true));
    assert.deepEqual(a.states(), ['VI_1 MASTER']);
  });

  it('on both directors end with one master, that stays', () => {
    pair();
    clock.advance(10_000);
    gap(() => a.director.setUnfit(true));
    gap(() => b.director.setUnfit(true));
    clock.advance(20_000);
    const before = [a, b].map(({ director }) => director.instances()[0]?.counts.transitions);
    clock.advance(60_000);
    assert.deepEqual(
      [a, b].map(({ director }) => director.instances()[0]?.counts.transitions),
      before,
    );
    assert.equal(holders().length, 1);
  });

  it('do not move an owner of the addresses', () => {
    pair();
    a.director.configure(vrrpConfig([instance({ priority: 255 })]));
    clock.advance(10_000);
    a.director.setUnfit(true);
    clock.advance(5000);
    assert.deepEqual(a.states(), ['VI_1 MASTER']);
  });
});
