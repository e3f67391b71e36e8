/** What the client does when the kernel, the socket or the module is not as it should be. */
import assert from 'node:assert/strict';
import { createIpvsClient } from '../../src/ipvs/client.js';
import { diffService } from '../../src/ipvs/diff.js';
import type { IpvsError, IpvsErrorReason } from '../../src/ipvs/errors.js';
import { createFakeClock, settle } from '../support/fake-clock.js';
import { createFakeKernel } from '../support/fake-kernel.js';
import { destination, key, many, mark, service } from '../support/ipvs-values.js';

function start() {
  const clock = createFakeClock();
  const kernel = createFakeKernel();
  const client = createIpvsClient({ clock, open: kernel.open, deadlineMs: 1000 });
  return { clock, kernel, client };
}

function failure(reason: IpvsErrorReason, message: RegExp) {
  return (error: IpvsError) => {
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    return true;
  };
}

const SILENT = () => [];

/** A receive buffer with room for the answers to a hundred messages. */
const SMALL_BUFFER_BYTES = 100 * 2048;

describe('the IPVS client', () => {
  it('tells a kernel without IPVS from all other failures, and finds the module once it is loaded', async () => {
    const { kernel, client } = start();
    kernel.family = undefined;
    await assert.rejects(
      client.info(),
      failure('no-ipvs', /^find IPVS in this kernel: ENOENT \(try: modprobe ip_vs\)$/),
    );
    const errors = await client.apply(diffService(undefined, service({ destinations: many(3) })));
    assert.deepEqual(new Set(errors.map((error) => error?.reason)), new Set(['no-ipvs']));
    kernel.family = 30;
    assert.equal((await client.info()).version, '1.2.1');
    client.close();
  });

  it('finds the family again when the module was taken out and loaded anew', async () => {
    const { kernel, client } = start();
    await client.info();
    kernel.family = 31;
    assert.deepEqual(await client.listServices(), []);
    kernel.family = undefined;
    await assert.rejects(client.readService(key()), failure('no-ipvs', /modprobe ip_vs/));
    client.close();
  });

  it('has 2500 messages in a datagram at the most, as many as the receive buffer has room for, and 16 reads', async () => {
    const { kernel, client } = start();
    const services = Array.from({ length: 40 }, (_, index) =>
      service({ key: mark(index + 1), destinations: many(7) }),
    );
    await Promise.all(services.map((one) => client.apply(diffService(undefined, one))));
    await client.apply(diffService(undefined, service({ destinations: many(6000) })));
    assert.deepEqual(kernel.datagrams.slice(-3), [2500, 2500, 1001]);
    kernel.datagrams.length = 0;
    await client.readServices(services.map((one) => one.key));
    assert.equal(Math.max(...kernel.datagrams), 16);
    assert.equal(kernel.sockets(), 1);
    client.close();
    kernel.receiveBufferBytes = SMALL_BUFFER_BYTES;
    const other = createIpvsClient({ clock: createFakeClock(), open: kernel.open });
    kernel.datagrams.length = 0;
    await other.apply(diffService(undefined, service({ key: mark(41), destinations: many(234) })));
    assert.deepEqual(kernel.datagrams, [1, 100, 100, 35]);
    other.close();
  });

  it('gets the answer to each message where every one is refused, whatever the size of the receive buffer', async () => {
    for (const bytes of [8 << 20, 425_984, 212_992, SMALL_BUFFER_BYTES, 4096]) {
      const { kernel, client } = start();
      kernel.receiveBufferBytes = bytes;
      const changes = many(3000).map(
        (one) => ({ kind: 'add-destination', key: key(), destination: one }) as const,
      );
      const errors = await client.apply(changes);
      assert.deepEqual(new Set(errors.map((error) => error?.code)), new Set(['ESRCH']), `${bytes} bytes`);
      client.close();
    }
  });

  it('gives a silent kernel up after its deadline, opens a new socket, and takes no late answer for another', async () => {
    const { clock, kernel, client } = start();
    await client.info();
    const held: Buffer[] = [];
    kernel.tamper = (datagram) => {
      held.push(datagram);
      return [];
    };
    const lost = client.timeouts();
    const caught = assert.rejects(lost, failure('lost', /^get timeouts: ETIMEDOUT$/));
    await clock.advanceAsync(999);
    assert.equal(kernel.sockets(), 1);
    await clock.advanceAsync(1);
    await settle();
    await caught;
    kernel.tamper = (datagram) => [...held.splice(0), datagram];
    assert.equal((await client.info()).connectionTableSize, 4096);
    assert.equal(kernel.sockets(), 1);
    client.close();
  });

  it('waits for a kernel that goes on answering, however long the dump', async () => {
    const { clock, kernel, client } = start();
    await client.apply(diffService(undefined, service({ destinations: many(100) })));
    const pending: Buffer[] = [];
    let deliver: (() => void) | undefined;
    kernel.tamper = (datagram) => {
      pending.push(datagram);
      return [];
    };
    const slow = createIpvsClient({
      clock,
      deadlineMs: 1000,
      open: (events) => {
        deliver = () => events.onDatagram(pending.shift() ?? Buffer.alloc(0));
        return kernel.open(events);
      },
    });
    const read = slow.readServices([key()]);
    for (let step = 0; step < 40; step++) {
      await clock.advanceAsync(900);
      deliver?.();
    }
    assert.equal((await read)[0]?.destinations.length, 100);
    assert.ok(clock.now() > 20_000);
    slow.close();
    client.close();
  });

  it('tries nothing more after an answer was lost, and says so for each change', async () => {
    const { clock, kernel, client } = start();
    kernel.receiveBufferBytes = SMALL_BUFFER_BYTES;
    const wanted = service({ destinations: many(250) });
    let answers = 0;
    // The family's number, its acknowledgement, and that of the first hundred.
    kernel.tamper = (datagram) => (++answers > 3 ? [] : [datagram]);
    const applied = client.apply(diffService(undefined, wanted));
    await clock.advanceAsync(5000);
    await settle();
    const errors = await applied;
    assert.deepEqual(kernel.datagrams, [1, 100, 100], 'the third hundred is not sent');
    assert.deepEqual(
      errors.map((error) => error?.code),
      [...new Array(100).fill(undefined), ...new Array(151).fill('ETIMEDOUT')],
    );
    client.close();
  });

  it('opens another socket after an overrun: what was asked is lost, what waits is not', async () => {
    const clock = createFakeClock();
    const kernel = createFakeKernel();
    let overrun = () => {};
    const client = createIpvsClient({
      clock,
      open: (events) => {
        overrun = () => events.onError(Object.assign(new Error('recvmsg'), { code: 'ENOBUFS' }));
        return kernel.open(events);
      },
    });
    await client.info();
    kernel.tamper = SILENT;
    const [lost, next] = [client.timeouts(), client.info()];
    await settle();
    kernel.tamper = (datagram) => [datagram];
    overrun();
    await assert.rejects(lost, failure('lost', /^get timeouts: ENOBUFS$/));
    assert.equal((await next).version, '1.2.1');
    assert.equal(kernel.sockets(), 1);
    client.close();
  });

  it('opens another socket after bytes that are no messages', async () => {
    const { kernel, client } = start();
    await client.info();
    kernel.tamper = (datagram) => {
      kernel.tamper = (next) => [next];
      return [datagram.subarray(0, 10), datagram.subarray(0, datagram.length - 4)];
    };
    await assert.rejects(
      client.info(),
      failure('malformed', /^get info: message of 36 bytes where 32 are left$/),
    );
    assert.equal((await client.info()).version, '1.2.1');
    assert.equal(kernel.sockets(), 1);
    client.close();
  });

  it('reports an answer it cannot read, and reads the next', async () => {
    const { kernel, client } = start();
    await client.apply(diffService(undefined, service({ destinations: [destination()] })));
    kernel.tamper = (datagram) => {
      const bytes = Buffer.from(datagram);
      const protocol = bytes.indexOf(Buffer.from('0600020006000000', 'hex'));
      if (protocol > 0) bytes[protocol + 4] = 99;
      return [bytes];
    };
    await assert.rejects(
      client.listServices(),
      failure('malformed', /^list services: protocol 99: expected TCP, UDP or SCTP$/),
    );
    kernel.tamper = (datagram) => [datagram];
    assert.equal((await client.listServices()).length, 1);
    client.close();
  });

  it('does not take a service it may not read for one that is not there', async () => {
    const { kernel, client } = start();
    kernel.refuse = (command) => (command === 'GET_SERVICE' ? 1 : undefined);
    await assert.rejects(
      client.readServices([key()]),
      failure('refused', /^get service tcp .*: EPERM \(needs/),
    );
    client.close();
  });

  it('reports a table that changed while it was read', async () => {
    const { kernel, client } = start();
    await client.apply(diffService(undefined, service()));
    kernel.tamper = (datagram) => {
      const bytes = Buffer.from(datagram);
      bytes.writeUInt16LE(bytes.readUInt16LE(6) | 0x10, 6);
      return [bytes];
    };
    await assert.rejects(client.listServices(), failure('malformed', /changed while it was read/));
    client.close();
  });

  it('fails a change that cannot be written as bytes, and makes the others of its batch', async () => {
    const { client } = start();
    const wanted = service({
      destinations: [destination(), destination('nonsense'), destination('10.0.0.12')],
    });
    const errors = await client.apply(diffService(undefined, wanted));
    assert.deepEqual(
      errors.map((error) => error?.reason),
      [undefined, undefined, 'invalid', undefined],
    );
    assert.match(
      errors[2]?.message ?? '',
      /^add destination nonsense:80 of tcp 10.0.0.100:80: address "nonsense": expected/,
    );
    assert.equal((await client.readService(key()))?.destinations.length, 2);
    client.close();
  });

  it('sends what is left in batches after a service could not be added', async () => {
    const { kernel, client } = start();
    kernel.receiveBufferBytes = SMALL_BUFFER_BYTES;
    const bad = service({ key: mark(1), scheduler: 'nosuch', destinations: many(150) });
    const good = service({ key: mark(2), destinations: many(150) });
    await client.info();
    kernel.datagrams.length = 0;
    const errors = await client.apply([...diffService(undefined, bad), ...diffService(undefined, good)]);
    assert.equal(errors.filter((error) => error === undefined).length, 151);
    assert.deepEqual(kernel.datagrams, [100, 49, 100, 2]);
    client.close();
  });

  it('names operation, operand, error and remedy', async () => {
    const { kernel, client } = start();
    const add = { kind: 'add-destination', key: key(), destination: destination() } as const;
    const [gone] = await client.apply([add]);
    assert.equal(gone?.message, 'add destination 10.0.0.11:80 of tcp 10.0.0.100:80: ESRCH (no such service)');
    kernel.refuse = () => 1;
    await assert.rejects(client.flush(), failure('refused', /^flush: EPERM \(needs CAP_NET_ADMIN\)$/));
    kernel.refuse = () => 4711;
    await assert.rejects(client.zero(mark(5)), failure('refused', /^zero fwmark 5: errno 4711$/));
    client.close();
  });

  it('does not start when no socket can be had, and says why', async () => {
    const clock = createFakeClock();
    const open = () => {
      throw Object.assign(new Error("Couldn't create netlink socket"), { code: 'EMFILE' });
    };
    const client = createIpvsClient({ clock, open });
    await assert.rejects(client.info(), failure('lost', /EMFILE/));
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('ends everything under way when it is closed, leaves no timer, and answers nothing more', async () => {
    const { clock, kernel, client } = start();
    await client.info();
    kernel.tamper = SILENT;
    const pending = [client.info(), client.timeouts(), client.listServices()];
    client.close();
    for (const request of pending) await assert.rejects(request, failure('closed', /closed/));
    await assert.rejects(client.info(), failure('closed', /the client is closed/));
    assert.deepEqual(clock.pendingAt(), []);
    assert.equal(kernel.sockets(), 0);
  });

  it('keeps no timer while nothing is asked', async () => {
    const { clock, client } = start();
    await client.info();
    await settle();
    assert.deepEqual(clock.pendingAt(), []);
    client.close();
  });
});
