/** The hold in real network namespaces: what it keeps back, and that it ends by itself. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.js';
import { listConnections } from '../../../src/ipvs/sync/listing.js';
import { interfaceIndex } from '../../../src/net/libc.js';
import { openMulticastSender } from '../../../src/net/multicast-sender.js';
import { SystemError } from '../../../src/net/system-error.js';
import type { Hold } from '../../../src/nft/hold.js';
import { createNftProgram } from '../../../src/nft/program.js';
import { createHolder, type Holder } from '../../../src/processes/holder.js';
import { eventually, type Host, withNetwork } from '../../support/namespaces.js';
import { PATIENCE_MS } from '../../support/patience.js';

const VIP = { ipv4: '10.77.0.100', ipv6: 'fd77::64' } as const;
const NOTHING: Hold = { virtual: [], real: [] };
/** Where nothing comes in this time, nothing is meant to come. */
const SILENT_MS = 1500;
const HOLD_MS = 12_000;
const LATE_MS = 4000;

function holderIn(host: Host, errors: string[]): Holder {
  const program = createNftProgram({ clock: systemClock, file: 'ip' });
  const enter = ['netns', 'exec', host.namespace, 'nft'];
  return createHolder({
    run: (command) => program({ ...command, args: [...enter, ...command.args] }),
    onError: (text) => errors.push(text),
  });
}

/** A real server whose answers to the client go through a director. What holds there has no complaint. */
async function behindDirector(
  body: (
    hosts: Readonly<Record<'client' | 'director' | 'real', Host>> & { readonly holder: Holder },
  ) => Promise<void>,
): Promise<void> {
  await withNetwork(['client', 'director', 'real'], async ({ host }) => {
    const [client, director, real] = [host('client'), host('director'), host('real')];
    const errors: string[] = [];
    director.run('sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0');
    director.run('sysctl -qw net.ipv4.conf.eth0.send_redirects=0');
    real.run(`ip route add ${client.ipv4}/32 via ${director.ipv4}`);
    await body({ client, director, real, holder: holderIn(director, errors) });
    assert.deepEqual(errors, []);
  });
}

/** What a host's attempt to connect ends in. */
async function connecting(host: Host, address: string, port: number): Promise<string> {
  return told(
    host,
    `const s = require('node:net').connect(${port}, '${address}', () => end('connected'));
    const end = (text) => { console.log(text); process.exit(); };
    s.on('error', (error) => end(error.code));
    setTimeout(() => end('no answer'), ${SILENT_MS});`,
  );
}

/** A connection to a server that gives back what it gets; returns when it has begun. `answered`: at once, late, or never. */
async function begin(
  host: Host,
  address: string,
  fromPort: number,
): Promise<{ readonly answered: () => Promise<string> }> {
  const script = `const to = { host: '${address}', port: 80, localPort: ${fromPort} };
    const end = (text) => { console.log(text); process.exit(); };
    const s = require('node:net').connect(to, () => console.log('begun'));
    let late = '';
    s.on('error', (error) => end(error.code));
    s.on('data', () => end(late + 'echo'));
    process.on('SIGUSR2', () => {
      s.write('x');
      setTimeout(() => { late = 'late '; }, ${LATE_MS});
      setTimeout(end, ${PATIENCE_MS}, 'no answer');
    });`;
  const child = host.start('node -', { stdio: 'pipe' });
  child.stdin?.end(script);
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  await eventually('begun', () => output !== '', PATIENCE_MS);
  return {
    answered: async () => {
      child.kill('SIGUSR2');
      await eventually('answered', () => output.split('\n').length > 2, 2 * PATIENCE_MS);
      return output.trim().replace('\n', ', ');
    },
  };
}

/** What a script prints in a host. */
async function told(host: Host, script: string): Promise<string> {
  const child = host.start('node -', { stdio: 'pipe' });
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stdin?.end(script);
  await new Promise((resolve) => child.once('close', resolve));
  return output.trim();
}

/** Starts a server that gives back what it gets; returns when it is up. */
async function startEcho(host: Host, port: number): Promise<void> {
  const server = host.start('node -', { stdio: 'pipe' });
  const script = `require('node:net').createServer((s) => s.pipe(s)).listen(${port}, '::', () => console.log('up'));`;
  server.stdin?.end(script);
  await new Promise((resolve) => server.stdout?.once('data', resolve));
}

describe('the hold', () => {
  it('keeps resets of virtual services back, and ends by itself', async () => {
    await withNetwork(['client', 'director'], async ({ host }) => {
      const [client, director] = [host('client'), host('director')];
      const errors: string[] = [];
      const holder = holderIn(director, errors);
      for (const address of Object.values(VIP)) director.run(`ip addr add ${address} dev eth0 nodad`);
      const virtual = Object.values(VIP).map((address) => ({ address, port: 80 }));
      holder.prepare();
      assert.equal(await connecting(client, VIP.ipv4, 80), 'ECONNREFUSED', 'what waits holds nothing');
      holder.hold({ ...NOTHING, virtual }, HOLD_MS);
      await holder.settled();
      const [held4, held6, other] = await Promise.all([
        connecting(client, VIP.ipv4, 80),
        connecting(client, VIP.ipv6, 80),
        connecting(client, VIP.ipv4, 81),
      ]);
      assert.deepEqual([held4, held6, other], ['no answer', 'no answer', 'ECONNREFUSED']);
      await sleep(HOLD_MS);
      assert.match(director.run('nft list tables'), /lvsd_handover/, 'nobody has removed it');
      assert.equal(await connecting(client, VIP.ipv4, 80), 'ECONNREFUSED', 'and it holds nothing any more');
      assert.deepEqual(errors, []);
    });
  });

  it('keeps back what real servers answer untranslated, until it is let go; no other table is touched', async () => {
    await behindDirector(async ({ client, director, real, holder }) => {
      director.run('nft add table inet standin');
      await startEcho(real, 8080);
      assert.equal(await connecting(client, real.ipv4, 8080), 'connected');
      holder.hold({ ...NOTHING, real: [{ address: real.ipv4, port: 8080, protocol: 'tcp' }] }, PATIENCE_MS);
      await holder.settled();
      assert.equal(await connecting(client, real.ipv4, 8080), 'no answer');
      holder.release();
      await holder.settled();
      assert.equal(await connecting(client, real.ipv4, 8080), 'connected');
      assert.equal(director.run('nft list tables').trim(), 'table inet standin');
    });
  });

  it('keeps back the reset of a real server that was taken for another one', async () => {
    await behindDirector(async ({ client, director, real, holder }) => {
      // As what IPVS has translated, it comes through the director with the virtual address.
      const virtual = '192.0.2.1';
      real.run(`ip addr add ${virtual}/32 dev lo`);
      director.run(`ip route add ${virtual}/32 via ${real.ipv4}`);
      client.run(`ip route add ${virtual}/32 via ${director.ipv4}`);
      assert.equal(await connecting(client, virtual, 80), 'ECONNREFUSED');
      holder.hold({ ...NOTHING, virtual: [{ address: virtual, port: 80 }] }, PATIENCE_MS);
      await holder.settled();
      assert.deepEqual(await Promise.all([80, 81].map((port) => connecting(client, virtual, port))), [
        'no answer',
        'ECONNREFUSED',
      ]);
    });
  });

  it('takes no packet for part of a connection that is over, unless it has begun anew here; and ends by itself', async () => {
    await withNetwork(['client', 'director'], async ({ host }) => {
      const [client, director] = [host('client'), host('director')];
      const errors: string[] = [];
      const holder = holderIn(director, errors);
      for (const address of Object.values(VIP)) director.run(`ip addr add ${address} dev eth0 nodad`);
      await startEcho(director, 80);
      const closed = [40_000, 40_002].flatMap((port) =>
        [
          [client.ipv4, VIP.ipv4],
          [client.ipv6, VIP.ipv6],
        ].map(([from = '', to = '']) => ({
          client: { address: from, port },
          virtual: { address: to, port: 80 },
        })),
      );
      const all = (ports: readonly number[]) =>
        Promise.all(
          [VIP.ipv4, VIP.ipv6].flatMap((address) => ports.map((port) => begin(client, address, port))),
        );
      const before = await all([40_000, 40_001]);
      const virtual = Object.values(VIP).map((address) => ({ address, port: 80 }));
      holder.hold({ ...NOTHING, virtual }, HOLD_MS);
      holder.holdClosed(closed, HOLD_MS);
      await holder.settled();
      const old = before.map(({ answered }) => answered());
      const begunNow = (await all([40_002])).map(({ answered }) => answered());
      const [atOnce, late] = ['begun, echo', 'begun, late echo'];
      assert.deepEqual(await Promise.all(begunNow), [atOnce, atOnce], 'what begins here');
      assert.deepEqual(await Promise.all(old), [late, atOnce, late, atOnce], 'what began elsewhere');
      holder.release();
      await holder.settled();
      assert.equal(director.run('nft list tables').trim(), '');
      assert.deepEqual(errors, []);
    });
  });
});

describe('messages to the other director', () => {
  for (const [family, group] of [
    ['ipv4', '224.0.0.81'],
    ['ipv6', 'ff02::51'],
  ] as const) {
    it(`leave by the interface that is named, with the hop limit asked for: ${family}`, async () => {
      await withNetwork(['one', 'other'], async ({ host }) => {
        const [one, other] = [host('one'), host('other')];
        const seen = other.start(`tcpdump -nlvxi eth0 -c 1 udp port 8848`);
        let output = '';
        seen.stdout?.on('data', (data: Buffer) => {
          output += data.toString();
        });
        const sender = one.enter(() =>
          openMulticastSender({
            group,
            port: 8848,
            ttl: 3,
            on: { name: 'eth0', index: interfaceIndex('eth0') },
          }),
        );
        assert.ok(!(sender instanceof SystemError), String(sender));
        await eventually(`${family} heard`, () => {
          assert.equal(sender.send(Uint8Array.of(0, 51, 0, 8, 0, 1, 0, 0)), undefined);
          return output.replace(/\s+0x[0-9a-f]+:\s+/g, ' ').includes('0033 0008 0001 0000');
        });
        assert.match(output, /(ttl|hlim) 3/);
        sender.close();
      });
    });
  }
});

describe('the list of connections', () => {
  it('is refused by name where there is no IPVS', async () => {
    const read = async () => {
      for await (const _ of listConnections(systemClock, '/proc/net/no_such_list'));
    };
    await assert.rejects(read, /ENOENT/);
  });
});
