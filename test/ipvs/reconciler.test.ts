/** When the reconciler does things, and what it does when they go wrong. What it does at all is in ipvs-cases.ts. */
import assert from 'node:assert/strict';
import { createIpvsClient } from '../../src/ipvs/client.js';
import { createReconciler } from '../../src/ipvs/reconciler.js';
import type { Service, ServiceKey } from '../../src/ipvs/table.js';
import { createFakeClock, settle } from '../support/fake-clock.js';
import { createFakeKernel } from '../support/fake-kernel.js';
import { destination, key, many, mark, service } from '../support/ipvs-values.js';

const EEXIST = 17;
const ENOMEM = 12;

function start() {
  const clock = createFakeClock();
  const kernel = createFakeKernel();
  const client = createIpvsClient({ clock, open: kernel.open });
  const said: string[] = [];
  const reconciler = createReconciler({
    client,
    clock,
    passIntervalMs: 10_000,
    onDrift: (id, lines) => said.push(`${clock.now()} drift ${id}: ${lines.length}`),
    onError: (error, services) => said.push(`${clock.now()} error ${services.join(', ')}: ${error.code}`),
    onRecovery: (id) => said.push(`${clock.now()} recovered ${id}`),
  });
  const want = (wanted: Service) => reconciler.want(wanted.key, wanted);
  /** Another program at work on the same kernel. */
  const other = createIpvsClient({ clock, open: kernel.open });
  const holds = async (of: ServiceKey) => {
    const [have] = await other.readServices([of]);
    return have?.destinations.map(({ address, weight }) => `${address} ${weight}`).sort();
  };
  const written = () => kernel.commands.filter((name) => /^(NEW|SET|DEL)_/.test(name));
  return { clock, kernel, reconciler, said, want, other, holds, written };
}

const ONE = service({ destinations: [destination()] });
const TWO = service({ destinations: [destination(), destination('10.0.0.12')] });

describe('the reconciler', () => {
  it('writes what is wanted at once, without waiting for a pass', async () => {
    const { clock, reconciler, want, holds } = start();
    want(TWO);
    await settle();
    assert.equal(clock.now(), 0);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.equal(reconciler.status().services[0]?.state, 'settled');
  });

  it('writes what is wanted in one go in one datagram, only the last of several wishes for a service', async () => {
    const { kernel, reconciler, want, holds, written } = start();
    for (let number = 1; number <= 8; number++) want(service({ key: mark(number), destinations: many(2) }));
    want(TWO);
    want(ONE);
    assert.equal(reconciler.status().services[0]?.state, 'pending');
    await reconciler.settled();
    assert.deepEqual(written().length, 8 * 3 + 2);
    assert.deepEqual(kernel.datagrams, [1, 9, 8 * 3 + 2], 'the family, nine reads, all writes');
    assert.deepEqual(await holds(ONE.key), ['10.0.0.11 1']);
  });

  it('holds what was wanted last when wishes come while it writes', async () => {
    const { reconciler, want, holds } = start();
    for (let weight = 0; weight < 20; weight++) {
      want(service({ destinations: [destination('10.0.0.11', { weight })] }));
      await Promise.resolve();
      if (weight % 3 === 0) await settle();
    }
    await reconciler.settled();
    assert.deepEqual(await holds(ONE.key), ['10.0.0.11 19']);
    reconciler.want(ONE.key, undefined);
    want(TWO);
    await reconciler.settled();
    assert.deepEqual(await holds(ONE.key), ['10.0.0.11 1', '10.0.0.12 1']);
    reconciler.want(ONE.key, undefined);
    await reconciler.settled();
    assert.equal(await holds(ONE.key), undefined);
    assert.deepEqual(reconciler.status().services, []);
  });

  it('puts right within 10 s what someone else did, unless told another interval', async () => {
    const clock = createFakeClock();
    const kernel = createFakeKernel();
    const client = createIpvsClient({ clock, open: kernel.open });
    const reconciler = createReconciler({ client, clock });
    reconciler.want(ONE.key, ONE);
    await reconciler.settled();
    await client.flush();
    await clock.advanceAsync(9_999);
    await settle();
    assert.equal((await client.readService(ONE.key))?.destinations.length, 1);
  });

  it('holds a service that was wanted again while it was being removed', async () => {
    const { clock, kernel, reconciler, want, other, holds } = start();
    want(TWO);
    await reconciler.settled();
    kernel.refuse = (command) => {
      if (command === 'DEL_SERVICE') want(ONE);
      return undefined;
    };
    reconciler.want(TWO.key, undefined);
    await reconciler.settled();
    assert.deepEqual(await holds(ONE.key), ['10.0.0.11 1']);
    kernel.refuse = () => undefined;
    await other.flush();
    await clock.advanceAsync(10_000);
    assert.deepEqual(await holds(ONE.key), ['10.0.0.11 1']);
  });

  it('looks again an interval after it last looked, and repairs then', async () => {
    const { clock, reconciler, said, want, other, holds } = start();
    want(TWO);
    await reconciler.settled();
    await other.flush();
    await clock.advanceAsync(9_999);
    assert.equal(await holds(TWO.key), undefined);
    await clock.advanceAsync(1);
    await settle();
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.deepEqual(said, ['10000 drift tcp 10.0.0.100:80: 1']);
    assert.equal(reconciler.status().lastPassAt, 10_000);
    assert.deepEqual(clock.pendingAt(), [20_000]);
  });

  it('writes what is new to a service it knows in one exchange, without reading', async () => {
    const { kernel, reconciler, want, holds } = start();
    want(TWO);
    await reconciler.settled();
    kernel.commands.length = 0;
    kernel.datagrams.length = 0;
    want(service({ destinations: [destination('10.0.0.12', { weight: 3 }), destination('10.0.0.13')] }));
    await reconciler.settled();
    assert.deepEqual(kernel.commands, ['NEW_DEST', 'SET_DEST', 'DEL_DEST']);
    assert.deepEqual(kernel.datagrams, [3]);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.12 3', '10.0.0.13 1']);
  });

  it('reads a service that is wanted once more as it is, and puts right what someone else changed', async () => {
    const { clock, reconciler, said, want, other, holds } = start();
    want(TWO);
    await reconciler.settled();
    await other.apply([{ kind: 'delete-destination', key: TWO.key, destination: destination() }]);
    want(service({ destinations: [destination(), destination('10.0.0.12')] }));
    await reconciler.settled();
    assert.deepEqual(said, ['0 drift tcp 10.0.0.100:80: 1']);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.equal(clock.now(), 0);
  });

  it('finds with the next pass what someone else changed in a service it wrote to unseen', async () => {
    const { clock, reconciler, said, want, other, holds } = start();
    want(TWO);
    await reconciler.settled();
    await other.apply([{ kind: 'delete-destination', key: TWO.key, destination: destination() }]);
    want(service({ destinations: [destination(), destination('10.0.0.12'), destination('10.0.0.13')] }));
    await reconciler.settled();
    assert.deepEqual(await holds(TWO.key), ['10.0.0.12 1', '10.0.0.13 1']);
    await clock.advanceAsync(10_000);
    await settle();
    assert.deepEqual(said, ['10000 drift tcp 10.0.0.100:80: 1']);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1', '10.0.0.13 1']);
  });

  it('reads at once where what it writes unseen is refused, and tells what someone else had changed', async () => {
    const { clock, reconciler, said, want, other, holds } = start();
    want(TWO);
    await reconciler.settled();
    await other.flush();
    want(service({ destinations: [destination()] }));
    await reconciler.settled();
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1']);
    assert.deepEqual(said, ['0 drift tcp 10.0.0.100:80: 1']);
    assert.equal(clock.now(), 0);
  });

  it('takes nothing for the doing of someone else of which it wrote a part itself', async () => {
    const { clock, kernel, reconciler, said, want, holds } = start();
    want(TWO);
    await reconciler.settled();
    let refusals = 0;
    kernel.refuse = (command) => (command === 'DEL_DEST' && refusals++ === 0 ? ENOMEM : undefined);
    want(service({ destinations: [destination('10.0.0.13')] }));
    await reconciler.settled();
    await clock.advanceAsync(10_000);
    await settle();
    assert.deepEqual(await holds(TWO.key), ['10.0.0.13 1']);
    assert.deepEqual(said, []);
  });

  it('writes what it knows before it reads the rest', async () => {
    const { kernel, reconciler, want } = start();
    want(TWO);
    await reconciler.settled();
    kernel.commands.length = 0;
    want(service({ key: mark(5), destinations: [destination()] }));
    want(ONE);
    await reconciler.settled();
    assert.deepEqual(kernel.commands, ['DEL_DEST', 'GET_SERVICE', 'NEW_SERVICE', 'NEW_DEST']);
  });

  it('reads again and tries once more at once when the table changed between its reading and its writing', async () => {
    const { kernel, reconciler, said, want, holds } = start();
    let meddled = false;
    kernel.refuse = (command) => {
      if (command !== 'NEW_DEST' || meddled) return undefined;
      meddled = true;
      return EEXIST;
    };
    want(TWO);
    await reconciler.settled();
    assert.deepEqual(said, []);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
  });

  it('reports a refusal once, tries again with each pass, and reports that it went well', async () => {
    const { clock, kernel, said, want, holds } = start();
    kernel.refuse = (command) => (command === 'NEW_DEST' && clock.now() < 35_000 ? ENOMEM : undefined);
    want(TWO);
    want(service({ key: mark(5) }));
    await clock.advanceAsync(45_000);
    await settle();
    assert.deepEqual(said, ['0 error tcp 10.0.0.100:80: ENOMEM', '40000 recovered tcp 10.0.0.100:80']);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
  });

  it('shows a failed service with its error in the status', async () => {
    const { kernel, reconciler, want } = start();
    kernel.refuse = (command) => (command === 'NEW_SERVICE' ? ENOMEM : undefined);
    want(TWO);
    await reconciler.settled();
    const [progress] = reconciler.status().services;
    assert.equal(progress?.state, 'failed');
    assert.equal(progress?.error?.message, 'add service tcp 10.0.0.100:80: ENOMEM');
  });

  it('says once for all services that the kernel has no IPVS, and writes them when it has', async () => {
    const { clock, kernel, said, want, holds } = start();
    kernel.family = undefined;
    for (let number = 1; number <= 40; number++) want(service({ key: mark(number) }));
    await settle();
    kernel.family = 33;
    await clock.advanceAsync(10_000);
    await settle();
    assert.deepEqual(await holds(mark(40)), []);
    const names = Array.from({ length: 40 }, (_, index) => `fwmark ${index + 1}`);
    assert.deepEqual(said, [
      `0 error ${names.join(', ')}: ENOENT`,
      ...names.map((name) => `10000 recovered ${name}`),
    ]);
  });

  it('does not try service after service on a kernel that does not answer', async () => {
    const { clock, kernel, said, want } = start();
    for (let number = 1; number <= 100; number++) want(service({ key: mark(number) }));
    await settle();
    kernel.tamper = () => [];
    await clock.advanceAsync(16_000);
    await settle();
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^15000 error fwmark 1, .*fwmark 100: ETIMEDOUT$/);
    kernel.tamper = (datagram) => [datagram];
    await clock.advanceAsync(9_000);
    await settle();
    assert.equal(said.filter((line) => line.startsWith('25000 recovered')).length, 100);
  });

  it('tries what is newly wanted once on a kernel that does not answer, then with the next pass', async () => {
    const { clock, kernel, said, want, holds } = start();
    kernel.tamper = () => [];
    for (let number = 1; number <= 100; number++) want(service({ key: mark(number) }));
    await clock.advanceAsync(9_999);
    assert.equal(kernel.datagrams.length, 1);
    assert.equal(said.length, 1);
    kernel.tamper = (datagram) => [datagram];
    await clock.advanceAsync(1);
    await settle();
    assert.deepEqual(await holds(mark(100)), []);
  });

  it('does not take its own half-done work for that of someone else', async () => {
    const { clock, kernel, reconciler, said, want, holds } = start();
    want(service({ destinations: many(150) }));
    await reconciler.settled();
    let writes = 0;
    kernel.refuse = (command) =>
      command === 'DEL_DEST' && ++writes > 50 && clock.now() < 5_000 ? ENOMEM : undefined;
    want(service());
    await clock.advanceAsync(11_000);
    await settle();
    assert.deepEqual(said, ['0 error tcp 10.0.0.100:80: ENOMEM', '10000 recovered tcp 10.0.0.100:80']);
    assert.deepEqual(await holds(key()), []);
  });

  it('serves a wish before the rest of a pass', async () => {
    const { clock, kernel, reconciler, want } = start();
    for (let number = 1; number <= 64; number++) want(service({ key: mark(number) }));
    await reconciler.settled();
    kernel.commands.length = 0;
    const wished = service({ key: mark(64), destinations: [destination()] });
    let asked = false;
    kernel.refuse = () => {
      if (!asked) want(wished);
      asked = true;
      return undefined;
    };
    await clock.advanceAsync(10_000);
    await settle();
    const reads = kernel.commands.slice(0, kernel.commands.indexOf('NEW_DEST'));
    assert.equal(reads.filter((name) => name === 'GET_SERVICE').length, 16, 'one group of the pass');
    assert.equal(kernel.commands.filter((name) => name === 'GET_SERVICE').length, 64);
  });

  it('never touches again what it is to forget, nor what it was never told of', async () => {
    const { clock, reconciler, want, other, holds } = start();
    want(TWO);
    want(service({ key: mark(5) }));
    await reconciler.settled();
    await other.apply([{ kind: 'add-service', service: service({ key: mark(6) }) }]);
    reconciler.forget(TWO.key);
    await other.apply([{ kind: 'delete-destination', key: TWO.key, destination: destination() }]);
    await clock.advanceAsync(10_000);
    await reconciler.stop({ remove: true });
    assert.deepEqual(await holds(TWO.key), ['10.0.0.12 1']);
    assert.deepEqual(await holds(mark(6)), []);
    assert.equal(await holds(mark(5)), undefined);
  });

  it('forgets in the middle of a pass', async () => {
    const { clock, kernel, reconciler, want, other, holds } = start();
    for (let number = 1; number <= 64; number++) want(service({ key: mark(number), destinations: many(1) }));
    await reconciler.settled();
    await other.flush();
    kernel.refuse = () => {
      reconciler.forget(mark(64));
      return undefined;
    };
    await clock.advanceAsync(10_000);
    await settle();
    kernel.refuse = () => undefined;
    assert.deepEqual(await holds(mark(63)), ['10.1.0.1 1']);
    assert.equal(await holds(mark(64)), undefined);
  });

  it('removes without looking, and takes what is gone already for removed', async () => {
    const { kernel, reconciler, said, want, other } = start();
    want(TWO);
    await reconciler.settled();
    await other.flush();
    kernel.commands.length = 0;
    reconciler.want(TWO.key, undefined);
    await reconciler.settled();
    assert.deepEqual(kernel.commands, ['DEL_SERVICE']);
    assert.deepEqual(said, []);
    assert.deepEqual(reconciler.status().services, []);
  });

  it('flushes everything and writes anew what is wanted', async () => {
    const { reconciler, said, want, other, holds } = start();
    await other.apply([{ kind: 'add-service', service: service({ key: mark(6) }) }]);
    want(TWO);
    await reconciler.settled();
    await reconciler.flush();
    await reconciler.settled();
    assert.equal(await holds(mark(6)), undefined);
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.deepEqual(said, []);
  });

  it('passes on that a flush was refused, and goes on', async () => {
    const { kernel, reconciler, want, holds } = start();
    kernel.refuse = (command) => (command === 'FLUSH' ? 1 : undefined);
    await assert.rejects(reconciler.flush(), /^IpvsError: flush: EPERM/);
    want(TWO);
    await reconciler.settled();
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
  });

  it('writes what is still to be written when it stops, then nothing more, and leaves no timer', async () => {
    const { clock, reconciler, want, other, holds } = start();
    want(TWO);
    await reconciler.stop({ remove: false });
    assert.deepEqual(await holds(TWO.key), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.deepEqual(clock.pendingAt(), []);
    want(ONE);
    await other.flush();
    await clock.advanceAsync(60_000);
    assert.equal(await holds(TWO.key), undefined);
  });

  it('removes all it holds when it is to, in the middle of a pass too', async () => {
    const { clock, kernel, reconciler, want, other } = start();
    for (let number = 1; number <= 64; number++) want(service({ key: mark(number), destinations: many(3) }));
    await reconciler.settled();
    kernel.refuse = (command) => {
      if (command === 'GET_SERVICE') void reconciler.stop({ remove: true });
      return undefined;
    };
    await clock.advanceAsync(10_000);
    await settle();
    kernel.refuse = () => undefined;
    assert.deepEqual(await other.listServices(), []);
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('keeps its services apart: one refused destination stops neither its neighbours nor other services', async () => {
    const { reconciler, said, want, holds } = start();
    want(service({ destinations: [destination(), destination('224.0.0.1'), destination('10.0.0.12')] }));
    want(service({ key: mark(5), destinations: many(1) }));
    await reconciler.settled();
    assert.deepEqual(await holds(key()), ['10.0.0.11 1', '10.0.0.12 1']);
    assert.deepEqual(await holds(mark(5)), ['10.1.0.1 1']);
    assert.deepEqual(said, ['0 error tcp 10.0.0.100:80: EINVAL']);
  });
});
