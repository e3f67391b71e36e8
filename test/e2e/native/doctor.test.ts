/** `lvsd doctor` on hosts of its own: it finds what was broken, and no more once it is mended. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DoctorReport, Finding } from '../../../src/cli/doctor/finding.js';
import { Daemon } from '../../support/daemon.js';
import { eventually, type Host, withNetwork } from '../../support/namespaces.js';

const VIP = '10.77.0.100';
const lvsd = fileURLToPath(new URL('../../../../bin/lvsd', import.meta.url));

const VRRP = `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  priority 100
  advert_int 0.2
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;

type Scene = { readonly director: Host; readonly server: Host; readonly daemon: Daemon };
type Found = { readonly code: number | null; readonly report: DoctorReport };

async function withScene(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withNetwork(['director', 'server'], async (network) => {
    const [director, server] = [network.host('director'), network.host('server')];
    const daemon = new Daemon(director.namespace);
    try {
      await body({ director, server, daemon });
    } finally {
      await daemon.dispose();
    }
  });
}

async function examined(daemon: Daemon): Promise<Found> {
  const { code, output } = await daemon.command('doctor', '-f', daemon.file, '--json');
  return { code, report: JSON.parse(output) as DoctorReport };
}

/** Whether this machine has IPVS, and how much memory, is not the tests' to say. */
const NOT_OURS = ['ip_vs', 'scheduler', 'memory', 'clock source', 'open files', 'real-time priority'];

function told({ report }: Found): readonly Finding[] {
  return report.findings.filter(({ check }) => !NOT_OURS.includes(check));
}

const byCheck = (found: Found) =>
  Object.fromEntries(told(found).map(({ check, severity }) => [check, severity]));

describe('lvsd doctor', () => {
  it('finds nothing on a sound host, neither before lvsd runs nor while it holds the address', async () => {
    await withScene(async ({ daemon, director }) => {
      daemon.configure(VRRP);
      const before = await examined(daemon);
      assert.deepEqual([told(before), before.code], [[], 0]);
      daemon.start();
      await eventually('master', () => director.run('ip -br addr').includes(VIP));
      const during = await examined(daemon);
      assert.deepEqual([told(during), during.code], [[], 0]);
    });
  });

  it('finds what is broken, and nothing of it when it is mended', async () => {
    await withScene(async (scene) => {
      const { director, server, daemon } = scene;
      const script = join(daemon.directory, 'notify');
      const web = join(daemon.directory, 'web.mjs');
      writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 });
      writeFileSync(web, WEB);
      server.start(`${process.execPath} ${web}`);
      await eventually('the web server', () => server.run('ss -Hltn sport = :80') !== '');
      const real = (address: string, path: string) => `real_server ${address} 80 {
        HTTP_GET {
          url {
            path ${path}
          }
        }
      }`;
      const servers = (way: 'NAT' | 'DR', ...lines: readonly string[]) =>
        `virtual_server ${VIP} ${way === 'NAT' ? 80 : 81} {
          protocol TCP
          lb_algo wlc
          lb_kind ${way}
          ${lines.join('\n')}
        }\n`;
      const [none, dead] = ['real_server 10.77.0.8 81', 'real_server 10.77.0.9 81'];
      const broken = VRRP.replace(
        'virtual_ipaddress',
        `notify_master ${script}\ntrack_interface {\neth9\n}\nvirtual_ipaddress`,
      );
      daemon.configure(
        broken +
          servers('NAT', real(server.ipv4, '/missing')) +
          servers('DR', `${none} {\n}`, `${dead} {\n}`),
      );
      director.run(`ip addr add ${VIP}/24 dev eth0`);
      const other = await pretendKeepalived(scene);
      leaveSocket(daemon);
      chmodSync(daemon.directory, 0o777);

      const before = await examined(daemon);
      assert.equal(before.code, 1);
      assert.deepEqual(byCheck(before), {
        'net.ipv4.ip_forward': 'error',
        interface: 'error',
        address: 'error',
        keepalived: 'error',
        ping: 'warning',
        arp: 'warning',
        http: 'error',
        script: 'error',
        'state directory': 'error',
        socket: 'warning',
      });
      assert.deepEqual(before.report.asked, {
        ping: { of: 3, asked: 3, good: 1 },
        arp: { of: 3, asked: 3, good: 1 },
        http: { of: 1, asked: 1, good: 0 },
      });
      const words = told(before)
        .map(({ what }) => what)
        .join('\n');
      for (const claim of [
        /there is no interface eth9/,
        /status 404, wanted 200-299/,
        /10\.77\.0\.8, 10\.77\.0\.9/,
      ])
        assert.match(words, claim);

      other.kill();
      director.run(`ip addr del ${VIP}/24 dev eth0`);
      director.run('sysctl -qw net.ipv4.ip_forward=1');
      chmodSync(script, 0o755);
      chmodSync(daemon.directory, 0o755);
      rmSync(join(daemon.directory, 'lvsd.sock'));
      daemon.configure(
        broken.replace('eth9', 'lo') +
          servers('NAT', real(server.ipv4, '/')) +
          servers('DR', `real_server ${server.ipv4} 81 {\n}`),
      );
      const after = await examined(daemon);
      assert.deepEqual(told(after), []);
      assert.deepEqual(after.report.asked, {
        ping: { of: 1, asked: 1, good: 1 },
        arp: { of: 1, asked: 1, good: 1 },
        http: { of: 1, asked: 1, good: 1 },
      });
    });
  });

  it('tells of programs that are missing, and of a file that cannot be used', async () => {
    await withScene(async ({ daemon, director }) => {
      daemon.configure(
        `virtual_server ${VIP} 80 {\nprotocol TCP\nlb_algo wlc\nlb_kind DR\nreal_server 10.77.0.2 80 {\n}\n}\n${VRRP}`,
      );
      const words = ['-f', daemon.file, '--json', '--state-dir', daemon.directory];
      const { stdout, stderr } = spawnSync(
        'ip',
        [
          'netns',
          'exec',
          director.namespace,
          'env',
          'PATH=/nowhere',
          process.execPath,
          lvsd,
          'doctor',
          ...words,
        ],
        { encoding: 'utf8' },
      );
      const report = JSON.parse(stdout) as DoctorReport;
      assert.equal(stderr, '');
      assert.deepEqual(byCheck({ code: 0, report }), { ping: 'warning', arp: 'warning' });

      daemon.configure('vrrp_instance VI_1 {\n  interface\n}\n');
      const { code, report: refused } = await examined(daemon);
      assert.equal(code, 1);
      assert.deepEqual(
        refused.findings.map(({ check, severity }) => [check, severity]),
        [['configuration', 'error']],
      );
      assert.match(refused.findings[0]?.what ?? '', /lvsd\.conf:\d+:\d+: error: /);
    });
  });
});

const WEB = `import { createServer } from 'node:http';
createServer((request, response) => {
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end('text');
}).listen(80);`;

/** A program of that name, which does nothing. */
async function pretendKeepalived({ director, daemon }: Scene): Promise<{ readonly kill: () => void }> {
  const program = join(daemon.directory, 'keepalived');
  copyFileSync('/bin/sleep', program);
  chmodSync(program, 0o755);
  const child = director.start(`${program} 60`);
  await eventually('its name', () => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === 'keepalived\n');
  return child;
}

/** What an lvsd that was killed leaves behind: a socket that nobody serves. */
function leaveSocket(daemon: Daemon): void {
  const path = join(daemon.directory, 'lvsd.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
}
