import assert from 'node:assert/strict';
import type { Interface } from '../../../src/net/socket-options.js';
import { SystemError } from '../../../src/net/system-error.js';
import type { GarpGroupConfig } from '../../../src/vrrp/config.js';
import { Announcer, announcementsOf } from '../../../src/vrrp/place/announce.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { address } from '../../support/instances.js';

const { links } = createFakeRoutes(['eth0', 'eth1', 'lo']);

/** An announcer whose frames are noted as `time interface address`. */
function setup(groups: readonly GarpGroupConfig[] = [], answer?: SystemError) {
  const clock = createFakeClock();
  const sent: string[] = [];
  const errors: string[] = [];
  const send = (on: Interface, frame: Uint8Array) => {
    sent.push(`${clock.now()} ${on.name} ${frame[13] === 0x06 ? frame.slice(28, 32).join('.') : 'na'}`);
    return answer;
  };
  const announcer = new Announcer({ send, close: () => {} }, clock, groups, (error) =>
    errors.push(error.code),
  );
  return { clock, sent, errors, announcer };
}

const gaps = (garpIntervalMs: number, gnaIntervalMs = 0): GarpGroupConfig => ({
  interfaces: ['eth0', 'eth1'],
  garpIntervalMs,
  gnaIntervalMs,
});

const two = announcementsOf([address('192.0.2.1'), address('192.0.2.2')], links);

describe('vrrp/announce', () => {
  it('without gaps the first round has left when announce returns, the others follow at once', () => {
    const { clock, sent, announcer } = setup();
    announcer.announce('VI_1', two, 3);
    assert.deepEqual(sent, ['0 eth0 192.0.2.1', '0 eth0 192.0.2.2']);
    clock.advance(1);
    assert.equal(sent.length, 6);
  });

  it('garp_interval is kept between packets, over the interfaces of the group together', () => {
    const { clock, sent, announcer } = setup([gaps(5)]);
    const other = announcementsOf([{ ...address('192.0.2.3'), interface: 'eth1' }], links);
    announcer.announce('VI_1', two, 1);
    announcer.announce('VI_2', other, 1);
    clock.advance(20);
    assert.deepEqual(sent, ['0 eth0 192.0.2.1', '5 eth0 192.0.2.2', '10 eth1 192.0.2.3']);
  });

  it('the gap holds between one set and the next too', () => {
    const { clock, sent, announcer } = setup([gaps(5)]);
    announcer.announce('VI_1', two.slice(0, 1), 1);
    clock.advance(2);
    announcer.announce('VI_1', two.slice(1), 1);
    clock.advance(10);
    assert.deepEqual(sent, ['0 eth0 192.0.2.1', '5 eth0 192.0.2.2']);
  });

  it('gaps below a millisecond are kept on average', () => {
    const { clock, sent, announcer } = setup([gaps(0.25)]);
    announcer.announce('VI_1', two, 10);
    clock.advance(2);
    assert.ok(sent.length >= 8 && sent.length <= 12, `${sent.length} in 2 ms`);
    clock.advance(10);
    assert.equal(sent.length, 20);
  });

  it('neighbour advertisements have a gap of their own', () => {
    const { clock, sent, announcer } = setup([gaps(1000, 2)]);
    announcer.announce('VI_1', announcementsOf([address('2001:db8::1')], links), 2);
    announcer.announce('VI_1', two, 1);
    clock.advance(10);
    assert.deepEqual(sent, ['0 eth0 na', '0 eth0 192.0.2.1', '2 eth0 na']);
  });

  it('cancel forgets the rest of one owner: it must not claim what it gave away', () => {
    const { clock, sent, announcer } = setup([gaps(5)]);
    announcer.announce('VI_1', two, 5);
    announcer.announce('VI_2', two.slice(0, 1), 1);
    clock.advance(0);
    announcer.cancel('VI_1');
    clock.advance(1000);
    assert.deepEqual(sent, ['0 eth0 192.0.2.1', '5 eth0 192.0.2.1']);
  });

  it('many frames take several turns, so that adverts come in between', () => {
    const { clock, sent, announcer } = setup();
    announcer.announce('VI_1', two, 500);
    clock.advance(0);
    const afterOneTurn = sent.length;
    clock.advance(10);
    assert.ok(afterOneTurn < 1000 && sent.length === 1000, `${afterOneTurn}, then ${sent.length}`);
  });

  it('sets without end do not pile up', () => {
    const { clock, sent, announcer } = setup([gaps(1000)]);
    for (let i = 0; i < 10_000; i += 1) announcer.announce('VI_1', two, 1);
    clock.advance(8_300_000);
    assert.ok(sent.length < 8300, `${sent.length}`);
  });

  it('a refusal is told and the rest is sent', () => {
    const { sent, errors, announcer } = setup(
      [],
      new SystemError('send frame', 'on eth0', 'ENETDOWN', 'down'),
    );
    announcer.announce('VI_1', two, 1);
    assert.deepEqual([sent.length, errors], [2, ['ENETDOWN', 'ENETDOWN']]);
  });

  it('after close nothing leaves', () => {
    const { clock, sent, announcer } = setup([gaps(5)]);
    announcer.announce('VI_1', two, 5);
    announcer.close();
    clock.advance(100);
    assert.deepEqual(sent, []);
  });

  it('addresses on the loopback and on interfaces that are not there have nobody to tell', () => {
    const nowhere = ['lo', 'eth9'].map((name) => ({ ...address('192.0.2.1'), interface: name }));
    assert.deepEqual(announcementsOf(nowhere, links), []);
  });

  it('asks no question on a VMAC, which an old master would answer from the same MAC address', () => {
    const operation = (vmacs: readonly string[]) =>
      announcementsOf([address('192.0.2.1')], links, vmacs)[0]?.frame[21];
    assert.deepEqual([operation([]), operation(['eth0'])], [1, 2]);
  });
});
