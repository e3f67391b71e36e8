/** What the socket bears, on this machine's own kernel: nobody has the family asked for, so each message is refused. */
import assert from 'node:assert/strict';
import { encodeRequests } from '../../src/ipvs/codec.js';
import { capacityOf, openNetlink, type Transport } from '../../src/ipvs/transport.js';
import { settle } from '../support/fake-clock.js';
import { destination, key, NO_FLAGS, tun } from '../support/ipvs-values.js';

const NO_FAMILY = 0x7fff;
const NLMSG_ERROR = 2;
const QUIET_MS = 50;

/** One datagram of so many messages. */
function refused(count: number): Buffer {
  const request = { command: 'add-destination', key: key(), destination: destination() } as const;
  return encodeRequests(new Array(count).fill(request), NO_FAMILY, 1);
}

describe('the netlink socket', () => {
  let transport: Transport;
  let answers: number[];
  let errors: string[];
  beforeEach(() => {
    answers = [];
    errors = [];
    transport = openNetlink({
      onDatagram: (datagram) => {
        assert.equal(datagram.readUInt16LE(4), NLMSG_ERROR);
        answers.push(datagram.readUInt32LE(8));
      },
      onError: ({ message }) => errors.push(message),
    });
  });
  afterEach(() => transport.close());

  const quiet = async (): Promise<void> => {
    for (let seen = -1; seen !== answers.length; ) {
      seen = answers.length;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      // The process may have stood still for so long.
      for (let turn = 0; turn < 10; turn++) await settle();
    }
  };

  it('gives every answer to a datagram of as many messages as it says, each of them refused', async () => {
    assert.ok(transport.capacity >= 100, `${transport.capacity}`);
    for (let round = 1; round <= 2; round++) {
      transport.send(refused(transport.capacity));
      await quiet();
      assert.equal(answers.length, round * transport.capacity);
    }
    assert.deepEqual(answers.slice(0, 3), [1, 2, 3]);
    assert.deepEqual(errors, []);
  });

  it('says no more messages than the send buffer takes, be they as long as can be', () => {
    const bytes = 1 << 20;
    const long = key('2001:db8::1');
    const name = 'x'.repeat(15);
    const persistence = { timeoutS: 600, prefixLength: 64 };
    const longest = [
      {
        command: 'add-destination',
        key: long,
        destination: destination('2001:db8::2', { forwarding: tun('gue', 6080, 'csum') }),
      },
      {
        command: 'add-service',
        service: { key: long, scheduler: name, flags: NO_FLAGS, persistence, persistenceEngine: name },
      },
    ] as const;
    for (const request of longest) {
      const { length } = encodeRequests([request], NO_FAMILY, 1);
      assert.ok(length * capacityOf(Infinity, bytes) <= bytes, `${request.command}: ${length} bytes`);
    }
  });

  it('loses answers to more than that, which is no error and ends no process, and goes on', async () => {
    for (let round = 0; round < 4; round++) transport.send(refused(transport.capacity));
    await quiet();
    const lost = 4 * transport.capacity - answers.length;
    assert.ok(lost > 0, `${lost}`);
    assert.deepEqual(errors, []);
    answers = [];
    transport.send(refused(2));
    await quiet();
    assert.deepEqual(answers, [1, 2]);
  });
});
