/**
 * What lvsd relies on the kernel for, as claims that hold for the fake kernel and for a real one alike: the unit tests
 * run them against the first, the end-to-end tests against the second, where ipvsadm tells what is really there.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../../src/clock.js';
import type { IpvsClient } from '../../src/ipvs/client.js';
import { diffService } from '../../src/ipvs/diff.js';
import type { IpvsError } from '../../src/ipvs/errors.js';
import { createReconciler, type ReconcilerOptions } from '../../src/ipvs/reconciler.js';
import { type Service, type ServiceKey, serviceId } from '../../src/ipvs/table.js';
import { destination, key, many, mark, NO_FLAGS, service, tun } from './ipvs-values.js';

export type World = {
  readonly client: IpvsClient;
  readonly clock: Clock;
  /** Lets this much time go by. */
  readonly advance: (ms: number) => Promise<void>;
  /** The schedulers this kernel was built with: all lvsd knows, or all but twos, which came with Linux 5.16. */
  readonly schedulers: readonly string[];
  /** What `ipvsadm` prints with these arguments; undefined where there is none. */
  readonly ipvsadm: (...args: readonly string[]) => string | undefined;
};

export type Case = { readonly name: string; readonly run: (world: World) => Promise<void> };

const flags = (bits: Partial<typeof NO_FLAGS>) => ({ ...NO_FLAGS, ...bits });

async function write(client: IpvsClient, ...services: readonly Service[]): Promise<void> {
  for (const wanted of services) {
    const errors = await client.apply(diffService(await readPlain(client, wanted.key), wanted));
    assert.deepEqual(errors.filter(Boolean), [], `writing ${serviceId(wanted.key)}`);
  }
}

async function readPlain(client: IpvsClient, of: ServiceKey): Promise<Service | undefined> {
  return (await client.readServices([of]))[0];
}

/** Asserts that what is read back is what was wanted: flags but the kernel's own, destinations in any order. */
async function expectHeld(client: IpvsClient, wanted: Service): Promise<void> {
  const have = await readPlain(client, wanted.key);
  assert.ok(have, `${serviceId(wanted.key)} is not there`);
  const sorted = ({ destinations, ...rest }: Service) => ({
    ...rest,
    flags: { ...rest.flags, hashed: true },
    destinations: [...destinations].sort((a, b) => a.address.localeCompare(b.address) || a.port - b.port),
  });
  assert.deepEqual(sorted(have), sorted(wanted));
}

async function codesOf(work: Promise<readonly (IpvsError | undefined)[]>): Promise<(string | undefined)[]> {
  return (await work).map((error) => error?.code);
}

/** Asserts what `ipvsadm` prints with these arguments, its lines in any order and without indentation or headings. */
function expectSaid({ ipvsadm }: World, args: readonly string[], lines: readonly string[]): void {
  const said = ipvsadm(...args)
    ?.split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== '' && !/^(IP |Prot |-> Remote)/.test(line));
  if (said !== undefined) assert.deepEqual(said.sort(), [...lines].sort());
}

async function refusedWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: IpvsError) => error.code === code && error.reason === 'refused');
}

/** A reconciler that notes what it says and every change it makes. */
function reconcilerIn({ client, clock }: World, options: Partial<ReconcilerOptions> = {}) {
  const said: string[] = [];
  let changes = 0;
  const counting: IpvsClient = {
    ...client,
    apply: (list) => {
      changes += list.length;
      return client.apply(list);
    },
  };
  const reconciler = createReconciler({
    client: counting,
    clock,
    passIntervalMs: 50,
    onDrift: (_, lines) => said.push(...lines),
    onError: (error) => said.push(error.message),
    onRecovery: (id) => said.push(`${id} recovered`),
    ...options,
  });
  return { reconciler, said, changes: () => changes };
}

/** One of everything lvsd can write. */
export function everyKind(known: readonly string[]): Service[] {
  const schedulers = known.map((scheduler, index) =>
    service({ key: key('10.0.0.101', 1000 + index), scheduler, destinations: many(2) }),
  );
  return [
    ...schedulers,
    service({
      key: key('10.0.0.102', 53, 'udp'),
      flags: flags({ onePacket: true }),
      destinations: [destination()],
    }),
    service({ key: key('10.0.0.102', 5060, 'udp'), persistence: { timeoutS: 60, prefixLength: 32 } }),
    service({
      key: key('10.0.0.102', 5061, 'udp'),
      persistence: { timeoutS: 60, prefixLength: 32 },
      persistenceEngine: 'sip',
    }),
    service({ key: key('10.0.0.102', 9, 'sctp'), destinations: [destination('10.0.0.11', { port: 9 })] }),
    service({
      key: key('10.0.0.103', 0),
      persistence: { timeoutS: 360, prefixLength: 24 },
      destinations: [destination('10.0.0.11', { port: 0, forwarding: { method: 'dr' } })],
    }),
    service({ key: mark(5), destinations: [destination('10.0.0.11', { port: 0, weight: 65535 })] }),
    service({ key: mark(5, 'ipv6'), destinations: [destination('2001:db8::11', { port: 0, weight: 0 })] }),
    service({ key: mark(0xfffffffe) }),
    service({
      key: key('10.0.0.104'),
      scheduler: 'sh',
      flags: flags({ sched1: true, sched2: true }),
      destinations: many(3),
    }),
    service({
      key: key('10.0.0.105'),
      scheduler: 'mh',
      flags: flags({ sched1: true, sched2: true, sched3: true }),
      destinations: many(3, { weight: 100 }),
    }),
    service({
      key: key('10.0.0.106'),
      destinations: [
        destination('10.0.0.11', { forwarding: tun('ipip'), upperThreshold: 50, lowerThreshold: 30 }),
        destination('10.0.0.12', { forwarding: tun('gue', 6080, 'csum'), upperThreshold: 2147483647 }),
        destination('10.0.0.13', { forwarding: tun('gue', 6081, 'remcsum'), weight: 2147483647 }),
        destination('10.0.0.14', { forwarding: tun('gre', 0, 'csum') }),
        destination('10.0.0.15', { forwarding: { method: 'dr' } }),
        destination('127.0.0.1', { forwarding: { method: 'dr' } }),
        destination('127.0.0.1', { port: 8080 }),
        destination('10.0.0.16', { forwarding: { method: 'local' } }),
        destination('2001:db8::16', { forwarding: tun('ipip') }),
      ],
    }),
    service({
      key: key('2001:db8::100'),
      persistence: { timeoutS: 300, prefixLength: 64 },
      destinations: [
        destination('2001:db8::11'),
        destination('2001:db8::12', { forwarding: tun('gre') }),
        destination('::1', { forwarding: { method: 'dr' } }),
        destination('10.0.0.17', { forwarding: tun('gue', 6080) }),
      ],
    }),
  ];
}

export const CASES: readonly Case[] = [
  {
    name: 'tells its version and table size',
    run: async ({ client }) => {
      const info = await client.info();
      assert.match(info.version, /^\d+\.\d+\.\d+$/);
      assert.ok(info.connectionTableSize >= 256);
    },
  },
  {
    name: 'gives back every kind of service and destination as it was written',
    run: async (world) => {
      const { client, schedulers } = world;
      const services = everyKind(schedulers);
      await write(client, ...services);
      for (const wanted of services) await expectHeld(client, wanted);
      const table = await client.readTable();
      assert.equal(table.length, services.length);
      const destinations = services.flatMap((one) => one.destinations).length;
      assert.equal(table.flatMap((one) => one.destinations).length, destinations);
      await client.flush();
      assert.deepEqual(await client.readTable(), []);
      expectSaid(world, ['-Ln'], []);
    },
  },
  {
    name: 'writes what ipvsadm understands the same way',
    run: async (world) => {
      await write(
        world.client,
        service({
          scheduler: 'wrr',
          destinations: [destination('10.0.0.11', { weight: 3, upperThreshold: 50, lowerThreshold: 30 })],
        }),
        service({
          key: key('10.0.0.100', 53, 'udp'),
          scheduler: 'rr',
          flags: flags({ onePacket: true }),
          destinations: [destination('10.0.0.11', { port: 53, forwarding: { method: 'dr' } })],
        }),
        service({
          key: key('2001:db8::100', 443),
          scheduler: 'sh',
          flags: flags({ sched1: true, sched2: true }),
          persistence: { timeoutS: 300, prefixLength: 64 },
          destinations: [destination('2001:db8::11', { port: 443, forwarding: tun('ipip') })],
        }),
        service({ key: mark(7), persistence: { timeoutS: 360, prefixLength: 24 } }),
        service({ key: mark(8, 'ipv6') }),
        service({
          key: key('10.0.0.100', 5060, 'udp'),
          persistence: { timeoutS: 60, prefixLength: 32 },
          persistenceEngine: 'sip',
          destinations: [destination('10.0.0.11', { port: 5060, forwarding: tun('gue', 6080, 'remcsum') })],
        }),
      );
      expectSaid(
        world,
        ['-Sn'],
        [
          '-A -t 10.0.0.100:80 -s wrr',
          '-a -t 10.0.0.100:80 -r 10.0.0.11:80 -m -w 3',
          '-A -u 10.0.0.100:53 -s rr -o',
          '-a -u 10.0.0.100:53 -r 10.0.0.11:53 -g -w 1',
          '-A -t [2001:db8::100]:443 -s sh -p 300 -M 64 -b sh-fallback,sh-port',
          '-a -t [2001:db8::100]:443 -r [2001:db8::11]:443 -i -w 1 --tun-type ipip',
          '-A -f 7 -s wlc -p 360 -M 255.255.255.0',
          '-A -f 8 -6 -s wlc',
          '-A -u 10.0.0.100:5060 -s wlc -p 60 --pe sip',
          '-a -u 10.0.0.100:5060 -r 10.0.0.11:5060 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum',
        ],
      );
      expectSaid(
        world,
        ['-Ln', '--thresholds', '-t', '10.0.0.100:80'],
        ['TCP 10.0.0.100:80 wrr', '-> 10.0.0.11:80 50 30 0 0'],
      );
    },
  },
  {
    name: 'changes every setting of a service in place',
    run: async ({ client }) => {
      const base = service({ key: key('10.0.0.100', 5060, 'udp'), destinations: [destination()] });
      const steps: Partial<Service>[] = [
        { scheduler: 'rr' },
        { scheduler: 'mh', flags: flags({ sched1: true }) },
        { flags: flags({ onePacket: true, sched3: true }) },
        { persistence: { timeoutS: 100, prefixLength: 32 } },
        { persistence: { timeoutS: 200, prefixLength: 16 }, persistenceEngine: 'sip' },
        { persistence: { timeoutS: 200, prefixLength: 16 } },
        {},
      ];
      await write(client, base);
      for (const step of steps) {
        await write(client, { ...base, ...step });
        await expectHeld(client, { ...base, ...step });
      }
    },
  },
  {
    name: 'changes every setting of a destination in place',
    run: async ({ client }) => {
      const base = destination('10.0.0.11', { weight: 5 });
      const steps = [
        { weight: 0 },
        { weight: 10, upperThreshold: 100 },
        { upperThreshold: 100, lowerThreshold: 100 },
        { forwarding: { method: 'dr' } as const },
        { forwarding: tun('ipip') },
        { forwarding: tun('gue', 6080) },
        { forwarding: tun('gue', 6081, 'csum') },
        { forwarding: tun('gre', 0, 'csum') },
        {},
      ];
      await write(client, service({ destinations: [base] }));
      for (const step of steps) {
        await write(client, service({ destinations: [{ ...base, ...step }] }));
        await expectHeld(client, service({ destinations: [{ ...base, ...step }] }));
      }
    },
  },
  {
    name: 'tells destinations apart by port and family, and removes the right one',
    run: async ({ client }) => {
      const all = [
        destination('10.0.0.11', { port: 80, forwarding: tun('ipip') }),
        destination('10.0.0.11', { port: 81, forwarding: tun('ipip') }),
        destination('2001:db8::11', { port: 80, forwarding: tun('ipip') }),
        destination('2001:db8::12', { port: 80, forwarding: tun('ipip') }),
      ];
      await write(client, service({ destinations: all }));
      const left = all.filter((_, index) => index === 1 || index === 3);
      await write(client, service({ destinations: left }));
      await expectHeld(client, service({ destinations: left }));
    },
  },
  {
    name: 'names the error of each change that is refused, and makes the others',
    run: async ({ client }) => {
      const there = service({ destinations: [destination()] });
      await write(client, there);
      const missing = key('10.0.0.99');
      const add = (one = destination(), to = there.key) =>
        ({ kind: 'add-destination', key: to, destination: one }) as const;
      const codes = await codesOf(
        client.apply([
          { kind: 'add-service', service: there },
          { kind: 'add-service', service: service({ key: key('10.0.0.98'), scheduler: 'nosuch' }) },
          add(destination('10.0.0.12')),
          add(),
          add(destination(), missing),
          add(destination('10.0.0.13', { upperThreshold: 10, lowerThreshold: 11 })),
          add(destination('10.0.0.13', { weight: 2147483648 })),
          add(destination('10.0.0.13', { forwarding: tun('gue') })),
          add(destination('2001:db8::1')),
          add(destination('224.0.0.1')),
          add(destination('10.0.0.14', { port: 70_000 })),
          {
            kind: 'edit-destination',
            key: there.key,
            destination: destination('10.0.0.15'),
            differences: [],
          },
          { kind: 'delete-destination', key: there.key, destination: destination('10.0.0.15') },
          { kind: 'delete-service', key: missing },
          add(destination('10.0.0.16')),
        ]),
      );
      assert.deepEqual(codes.slice(0, 10), [
        'EEXIST',
        'ENOENT',
        undefined,
        'EEXIST',
        'ESRCH',
        'ERANGE',
        'ERANGE',
        'EINVAL',
        'EINVAL',
        'EINVAL',
      ]);
      assert.match(codes[10] ?? '', /out of range/i);
      assert.deepEqual(codes.slice(11), ['ENOENT', 'ENOENT', 'ESRCH', undefined]);
      await expectHeld(
        client,
        service({ destinations: [destination(), destination('10.0.0.12'), destination('10.0.0.16')] }),
      );
    },
  },
  {
    name: 'survives batches in which every message is refused',
    run: async ({ client }) => {
      const wanted = service({ destinations: many(3000) });
      await write(client, wanted);
      const again = wanted.destinations.map(
        (one) => ({ kind: 'add-destination', key: wanted.key, destination: one }) as const,
      );
      const errors = await Promise.all([client.apply(again), client.apply(again), client.apply(again)]);
      assert.equal(errors.flat().filter((error) => error?.code === 'EEXIST').length, 9000);
      await expectHeld(client, wanted);
    },
  },
  {
    name: 'tries no destinations of a service that could not be added',
    run: async ({ client }) => {
      const bad = service({ scheduler: 'nosuch', destinations: many(2750) });
      const codes = await codesOf(client.apply(diffService(undefined, bad)));
      assert.equal(codes.length, 2751);
      assert.equal(codes[0], 'ENOENT');
      // Of those in its own datagram the kernel says that there is no such service.
      assert.ok(codes.slice(2500).every((code) => code === 'ENOENT'));
      assert.deepEqual(await client.listServices(), []);
    },
  },
  {
    name: 'reads large services whole while others ask at the same time',
    run: async ({ client }) => {
      const large = service({ destinations: many(3000) });
      await write(client, large, service({ key: mark(1), destinations: many(3) }));
      const [one, two, small, list] = await Promise.all([
        readPlain(client, large.key),
        client.readService(large.key),
        readPlain(client, mark(1)),
        client.listServices(),
      ]);
      assert.equal(new Set(one?.destinations.map(({ address }) => address)).size, 3000);
      assert.equal(two?.destinations.length, 3000);
      assert.equal(small?.destinations.length, 3);
      assert.equal(list.length, 2);
    },
  },
  {
    name: 'answers for services that do not exist without an error',
    run: async ({ client }) => {
      await write(client, service());
      const keys = [key('10.9.9.9'), key(), mark(9), ...Array.from({ length: 40 }, (_, i) => mark(100 + i))];
      const read = await client.readServices(keys);
      assert.deepEqual(
        read.map((one) => one !== undefined),
        keys.map((_, index) => index === 1),
      );
      assert.equal(await client.readService(mark(9)), undefined);
    },
  },
  {
    name: 'sets the timeouts it is given and leaves the others',
    run: async ({ client }) => {
      const before = await client.timeouts();
      await client.setTimeouts({ tcpFinS: 30 });
      assert.deepEqual(await client.timeouts(), { ...before, tcpFinS: 30 });
      await client.setTimeouts({ tcpS: 901, udpS: 301, tcpFinS: before.tcpFinS });
      assert.deepEqual(await client.timeouts(), { ...before, tcpS: 901, udpS: 301 });
      await client.setTimeouts(before);
      assert.deepEqual(await client.timeouts(), before);
    },
  },
  {
    name: 'starts, lists and stops sync daemons',
    run: async ({ client }) => {
      assert.deepEqual(await client.syncDaemons(), []);
      await client.startSyncDaemon({ role: 'master', interface: 'lo', syncId: 7 });
      const full = {
        role: 'backup',
        interface: 'lo',
        syncId: 255,
        maxLength: 1400,
        group: '224.0.0.99',
        port: 8849,
        ttl: 2,
      } as const;
      await client.startSyncDaemon(full);
      const [master, backup] = await client.syncDaemons();
      assert.equal(master?.syncId, 7);
      assert.equal(master?.group, '224.0.0.81');
      assert.equal(master?.port, 8848);
      assert.deepEqual(backup, full);
      await refusedWith('EEXIST', client.startSyncDaemon({ role: 'master', interface: 'lo', syncId: 7 }));
      await client.stopSyncDaemon('master');
      assert.deepEqual(await client.syncDaemons(), [full]);
      await client.stopSyncDaemon('backup');
      await refusedWith('ESRCH', client.stopSyncDaemon('backup'));
      await refusedWith(
        'ENODEV',
        client.startSyncDaemon({ role: 'master', interface: 'nosuch0', syncId: 1 }),
      );
      await refusedWith(
        'EINVAL',
        client.startSyncDaemon({ role: 'master', interface: 'lo', syncId: 1, group: '10.0.0.1' }),
      );
    },
  },
  {
    name: 'starts a sync daemon in an IPv6 group',
    run: async ({ client }) => {
      const daemon = {
        role: 'master',
        interface: 'eth0',
        syncId: 3,
        maxLength: 1300,
        group: 'ff02::81',
        port: 8850,
        ttl: 1,
      } as const;
      await client.startSyncDaemon(daemon);
      assert.deepEqual(await client.syncDaemons(), [daemon]);
      await client.stopSyncDaemon('master');
    },
  },
  {
    name: 'zeroes counters of what exists only',
    run: async ({ client }) => {
      await write(client, service({ destinations: [destination()] }));
      await client.zero(key());
      await client.zero();
      await refusedWith('ESRCH', client.zero(mark(77)));
      const read = await client.readService(key());
      assert.equal(read?.counters.connections, 0n);
      assert.equal(read?.destinations[0]?.activeConnections, 0);
    },
  },
  {
    name: 'a written table stays as it is: no kind of service is found different for ever',
    run: async (world) => {
      const { reconciler, said, changes } = reconcilerIn(world);
      for (const wanted of everyKind(world.schedulers)) reconciler.want(wanted.key, wanted);
      await reconciler.settled();
      assert.deepEqual(said, []);
      const written = changes();
      assert.ok(written > 50);
      await world.advance(300);
      await reconciler.stop({ remove: false });
      assert.ok((reconciler.status().lastPassAt ?? 0) > 0);
      assert.equal(changes(), written);
      assert.equal(reconciler.status().driftCount, 0);
    },
  },
  {
    name: 'puts back what someone else changed, and says what it was',
    run: async (world) => {
      const wanted = service({ destinations: [destination(), destination('10.0.0.12')] });
      const { reconciler, said } = reconcilerIn(world);
      reconciler.want(wanted.key, wanted);
      await reconciler.settled();
      await world.client.apply([
        { kind: 'edit-service', service: { ...wanted, scheduler: 'rr' }, differences: [] },
        { kind: 'delete-destination', key: wanted.key, destination: destination() },
        { kind: 'add-destination', key: wanted.key, destination: destination('10.0.0.66') },
        {
          kind: 'edit-destination',
          key: wanted.key,
          destination: destination('10.0.0.12', { weight: 9 }),
          differences: [],
        },
      ]);
      await world.advance(200);
      await reconciler.stop({ remove: false });
      await expectHeld(world.client, wanted);
      assert.deepEqual(said, [
        'tcp 10.0.0.100:80: scheduler was rr, not wlc: set back',
        'tcp 10.0.0.100:80: destination 10.0.0.11:80 was gone: added back',
        'tcp 10.0.0.100:80: destination 10.0.0.12:80: weight was 9, not 1: set back',
        'tcp 10.0.0.100:80: destination 10.0.0.66:80 was added by someone: removed',
      ]);
      assert.equal(reconciler.status().driftCount, 4);
    },
  },
  {
    name: 'brings a flushed table back',
    run: async (world) => {
      const services = everyKind(world.schedulers);
      const { reconciler, said } = reconcilerIn(world, { passIntervalMs: 400 });
      for (const wanted of services) reconciler.want(wanted.key, wanted);
      await reconciler.settled();
      await world.client.flush();
      await world.advance(500);
      await reconciler.stop({ remove: false });
      for (const wanted of services) await expectHeld(world.client, wanted);
      for (const { key: of, destinations } of services) {
        const count = `${destinations.length} destination${destinations.length === 1 ? '' : 's'}`;
        assert.ok(said.includes(`${serviceId(of)} was gone: added back with ${count}`), serviceId(of));
      }
    },
  },
  {
    name: 'adopts what it finds, changes only what differs, and leaves the services of others alone',
    run: async (world) => {
      const foreign = service({ key: key('10.0.0.200'), destinations: [destination()] });
      const mine = service({ destinations: [destination(), destination('10.0.0.12')] });
      await write(world.client, foreign, mine);
      const { reconciler, said, changes } = reconcilerIn(world);
      reconciler.want(mine.key, mine);
      await reconciler.settled();
      assert.equal(changes(), 0);
      const heavier = {
        ...mine,
        destinations: [destination('10.0.0.11', { weight: 2 }), destination('10.0.0.12')],
      };
      reconciler.want(mine.key, heavier);
      await reconciler.settled();
      assert.equal(changes(), 1);
      await expectHeld(world.client, heavier);
      await world.advance(120);
      await reconciler.stop({ remove: true });
      assert.equal(await readPlain(world.client, mine.key), undefined);
      await expectHeld(world.client, foreign);
      assert.deepEqual(said, []);
    },
  },
  {
    name: 'knows an address by any spelling',
    run: async (world) => {
      const { reconciler, changes } = reconcilerIn(world);
      const odd = service({
        key: key('2001:DB8:0:0::0100'),
        destinations: [destination('2001:0db8::0011')],
      });
      reconciler.want(odd.key, odd);
      await reconciler.settled();
      await world.advance(120);
      assert.equal(changes(), 2);
      reconciler.want(key('2001:db8::100'), undefined);
      await reconciler.settled();
      await reconciler.stop({ remove: false });
      assert.deepEqual(await world.client.listServices(), []);
    },
  },
  {
    name: 'goes on trying a service the kernel refuses, tells so once, and holds the others',
    run: async (world) => {
      const { reconciler, said } = reconcilerIn(world);
      const bad = service({ key: mark(1), scheduler: 'nosuch', destinations: many(2) });
      const good = service({ destinations: many(2) });
      reconciler.want(bad.key, bad);
      reconciler.want(good.key, good);
      await reconciler.settled();
      await expectHeld(world.client, good);
      await world.advance(200);
      assert.deepEqual(said, [
        'add service fwmark 1: ENOENT (a scheduler or persistence engine is missing, try: modprobe -a ip_vs_nosuch)',
      ]);
      const { services } = reconciler.status();
      assert.deepEqual(
        services.map(({ service: id, state }) => [id, state]),
        [
          ['fwmark 1', 'failed'],
          ['tcp 10.0.0.100:80', 'settled'],
        ],
      );
      reconciler.want(bad.key, { ...bad, scheduler: 'rr' });
      await reconciler.settled();
      await reconciler.stop({ remove: false });
      assert.equal(said.at(-1), 'fwmark 1 recovered');
      await expectHeld(world.client, { ...bad, scheduler: 'rr' });
    },
  },
];
