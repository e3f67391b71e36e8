/** The hold in real network namespaces: what it keeps back, and that it ends by itself. */
import assert from 'node:assert/strict';
import { systemClock } from '../../../src/clock.js';
import { listConnections } from '../../../src/ipvs/sync/listing.js';
import { interfaceIndex } from '../../../src/net/libc.js';
import { openMulticastSender } from '../../../src/net/multicast-sender.js';
import { SystemError } from '../../../src/net/system-error.js';
import type { Hold } from '../../../src/nft/hold.js';
import { createNftProgram } from '../../../src/nft/program.js';
import { createHolder, type Holder } from '../../../src/processes/holder.js';
import { eventually, type Host, sleep, withNetwork } from '../../support/namespaces.js';

const VIP = { ipv4: '10.77.0.100', ipv6: 'fd77::64' } as const;
const NOTHING: Hold = { virtual: [], real: [] };

function holderIn(host: Host, errors: string[]): Holder {
  const program = createNftProgram({ clock: systemClock, file: 'ip' });
  const enter = ['netns', 'exec', host.namespace, 'nft'];
  return createHolder({
    run: (command) => program({ ...command, args: [...enter, ...command.args] }),
    onError: (text) => errors.push(text),
  });
}

/** What a host's attempt to connect ends in, within a second. */
async function connecting(host: Host, address: string, port: number): Promise<string> {
  const script = `const s = require('node:net').connect(${port}, '${address}', () => end('connected'));
    const end = (text) => { console.log(text); process.exit(); };
    s.on('error', (error) => end(error.code));
    setTimeout(() => end('no answer'), 500);`;
  const child = host.start('node -', { stdio: 'pipe' });
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stdin?.end(script);
  await new Promise((resolve) => child.once('close', resolve));
  return output.trim();
}

describe('the hold', () => {
  it('keeps resets of virtual services back, and ends by itself', async function () {
    this.timeout(60_000);
    await withNetwork(['client', 'director'], async ({ host }) => {
      const [client, director] = [host('client'), host('director')];
      const errors: string[] = [];
      const holder = holderIn(director, errors);
      for (const address of Object.values(VIP)) director.run(`ip addr add ${address} dev eth0 nodad`);
      const virtual = Object.values(VIP).map((address) => ({ address, port: 80 }));
      holder.prepare();
      assert.equal(await connecting(client, VIP.ipv4, 80), 'ECONNREFUSED', 'what waits holds nothing');
      holder.hold({ ...NOTHING, virtual }, 4000);
      await holder.settled();
      const [held4, held6, other] = await Promise.all([
        connecting(client, VIP.ipv4, 80),
        connecting(client, VIP.ipv6, 80),
        connecting(client, VIP.ipv4, 81),
      ]);
      assert.deepEqual([held4, held6, other], ['no answer', 'no answer', 'ECONNREFUSED']);
      await sleep(4000);
      assert.match(director.run('nft list tables'), /lvsd_handover/, 'nobody has removed it');
      assert.equal(await connecting(client, VIP.ipv4, 80), 'ECONNREFUSED', 'and it holds nothing any more');
      assert.deepEqual(errors, []);
    });
  });

  it('keeps back what real servers answer untranslated, until it is let go; no other table is touched', async function () {
    this.timeout(60_000);
    await withNetwork(['client', 'director', 'real'], async ({ host }) => {
      const [client, director, real] = [host('client'), host('director'), host('real')];
      const errors: string[] = [];
      const holder = holderIn(director, errors);
      director.run('sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0');
      director.run('sysctl -qw net.ipv4.conf.eth0.send_redirects=0');
      director.run('nft add table inet standin');
      real.run(`ip route add ${client.ipv4}/32 via ${director.ipv4}`);
      const server = real.start('node -', { stdio: 'pipe' });
      server.stdin?.end(`require('node:net').createServer(() => {}).listen(8080, () => console.log('up'));`);
      await new Promise((resolve) => server.stdout?.once('data', resolve));
      assert.equal(await connecting(client, real.ipv4, 8080), 'connected');
      holder.hold({ ...NOTHING, real: [{ address: real.ipv4, port: 8080, protocol: 'tcp' }] }, 10_000);
      await holder.settled();
      assert.equal(await connecting(client, real.ipv4, 8080), 'no answer');
      holder.release();
      await holder.settled();
      assert.equal(await connecting(client, real.ipv4, 8080), 'connected');
      assert.equal(director.run('nft list tables').trim(), 'table inet standin');
      assert.deepEqual(errors, []);
    });
  });
});

describe('messages to the other director', () => {
  for (const [family, group] of [
    ['ipv4', '224.0.0.81'],
    ['ipv6', 'ff02::51'],
  ] as const) {
    it(`leave by the interface that is named, with the hop limit asked for: ${family}`, async function () {
      this.timeout(60_000);
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
