/** What an heir finds of its predecessor, which goes on until the heir begins. */
import assert from 'node:assert/strict';

import type { Event } from '../../src/vrrp/election/state.js';
import { createInstance } from '../../src/vrrp/instance.js';
import { type Member, newMember } from '../../src/vrrp/member.js';
import { createSuccession } from '../../src/vrrp/succession.js';
import type { Place } from '../../src/vrrp/underlay.js';
import { createFakeClock } from '../support/fake-clock.js';
import { instance } from '../support/instances.js';

const OLD = instance({ name: 'VI_1' });
const NEW = instance({ name: 'VI_1', virtualRouterId: 52 });

/** A member and what is done with its place. */
function member(config: typeof OLD, log: string[]): Member {
  const nothing = () => {};
  const say = (what: string) => () => void log.push(`${config.virtualRouterId} ${what}`);
  const place = {
    acquire: nothing,
    renew: nothing,
    advertise: () => true,
    announce: nothing,
    drain: nothing,
    release: say('releases'),
    enter: say('enters'),
    close: say('closes'),
    unmake: nothing,
  } as Partial<Place> as Place;
  const witness = {
    transition: nothing,
    rxLowerPri: nothing,
    stepped: nothing,
    late: nothing,
    warn: nothing,
  };
  const own = createInstance({ config, grouped: false, clock: createFakeClock(), hands: place, witness });
  return newMember(own, place, false);
}

describe('vrrp/succession', () => {
  const advert: Event = { kind: 'advert', source: '10.0.0.9', priority: 200, maxAdverIntMs: 1000 };
  let log: string[];
  let members: Map<string, Member>;
  let old: Member;
  let heir: Member;
  let succession: ReturnType<typeof createSuccession>;

  beforeEach(() => {
    log = [];
    old = member(OLD, log);
    old.instance.feed({ kind: 'startup', adopt: { of: 'replaced', unfit: false } });
    members = new Map([['VI_1', old]]);
    succession = createSuccession({ members, onGone: () => {}, onEnded: () => {} });
    assert.deepEqual([...succession.plan([NEW])], [[old, NEW]]);
    members.delete('VI_1');
    succession.replace(old, NEW);
    heir = member(NEW, log);
    members.set('VI_1', heir);
    log.length = 0;
  });

  it('a master: it is closed before the heir enters, and lets go when the heir has begun', () => {
    assert.ok(succession.isHeir('VI_1'));
    assert.equal(succession.isAwaited(heir), false);
    assert.deepEqual(succession.legacy(heir), { of: 'replaced', unfit: false });
    succession.begin(heir);
    assert.deepEqual(log, ['51 closes', '52 enters']);
    succession.complete(heir);
    assert.deepEqual(log.slice(2), ['51 releases', '51 closes']);
    assert.deepEqual([succession.leaving.size, old.instance.state().name], [0, 'INIT']);
  });

  it('one that a better master has replaced meanwhile: nothing is taken over', () => {
    old.instance.feed(advert);
    assert.equal(old.instance.state().name, 'BACKUP');
    log.length = 0;
    assert.equal(succession.isAwaited(heir), false);
    assert.deepEqual([succession.legacy(heir), succession.leaving.size], [undefined, 0]);
    assert.deepEqual(log, ['51 closes', '52 enters']);
    old.instance.feed({ kind: 'timeout' });
    assert.equal(old.instance.state().name, 'INIT', 'it takes part no more');
  });
});
