/** Who is told of servers and of VRRP, by a whole daemon: FIFO and mail. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { eventually, withNetwork } from '../../support/namespaces.js';
import { SmtpServer } from '../../support/smtp-server.js';
import { WITHOUT_IPVS } from '../../support/without-ipvs.js';

describe('lvsd tells of servers', () => {
  it('by lvs_notify_fifo, notify_fifo and mail, each change once and in order', async () => {
    const [mail, web, daemon] = [
      await SmtpServer.listen(),
      createServer(),
      new Daemon(undefined, WITHOUT_IPVS),
    ];
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const pipes = ['all', 'lvs'].map((name) => join(daemon.directory, name));
    let lines = '';
    try {
      daemon.configure(configuration(port, mail.port, pipes));
      daemon.start();
      await daemon.until(({ virtualServers }) => virtualServers[0]?.up === true);
      const [all = 0, lvs = 0] = pipes.map((path) =>
        openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      );
      const read = () => {
        lines += available(lvs);
        return lines;
      };
      const name = `[127.0.0.1]:tcp:${port}`;
      await eventually('the service is up', () => read().includes('VS [127.0.0.9]:tcp:80 UP\n'));
      lines = '';
      web.close();
      await eventually('both are down', () => read().includes('VS [127.0.0.9]:tcp:80 DOWN'));
      web.listen(port, '127.0.0.1');
      await eventually('both are up', () => read().includes('VS [127.0.0.9]:tcp:80 UP'));
      const told = [
        `RS ${name} [127.0.0.9]:tcp:80 DOWN`,
        'VS [127.0.0.9]:tcp:80 DOWN',
        `RS ${name} [127.0.0.9]:tcp:80 UP`,
        'VS [127.0.0.9]:tcp:80 UP',
      ];
      assert.deepEqual(lines.trim().split('\n'), told);
      assert.ok(available(all).endsWith(`${told.join('\n')}\n`));
      await eventually('the mails', () => mail.mails.length >= 5);
      assert.deepEqual(mail.subjects.slice(1), [
        `[R1] Realserver ${name} of virtual server [127.0.0.9]:tcp:80 - DOWN`,
        '[R1] Virtualserver [127.0.0.9]:tcp:80 - DOWN',
        `[R1] Realserver ${name} of virtual server [127.0.0.9]:tcp:80 - UP`,
        '[R1] Virtualserver [127.0.0.9]:tcp:80 - UP',
      ]);
      for (const fd of [all, lvs]) closeSync(fd);
      daemon.signal('SIGTERM');
      await daemon.ended();
    } finally {
      web.close();
      mail.close();
      await daemon.dispose();
    }
  });
});

describe('lvsd tells of VRRP', () => {
  it('by mail, each change of an instance and its group once and in order, the end too', async () => {
    await withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const [mail, daemon] = [await SmtpServer.listenOn(host), new Daemon(host.namespace)];
      const told = (count: number) =>
        eventually(`${count} mails`, () => mail.mails.length >= count).catch((error: Error) => {
          throw new Error(`${error.message}: ${mail.subjects.join(', ')}\n${daemon.log}`);
        });
      try {
        daemon.configure(instances(mail.port));
        daemon.start('-P');
        await told(4);
        host.unplug();
        await told(6);
        host.plug();
        await told(10);
        // The last ones are waited for.
        mail.hesitateMs = 50;
        daemon.signal('SIGTERM');
        assert.equal(await daemon.ended(), 0);
        assert.deepEqual(
          mail.subjects,
          ['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER', 'STOP'].flatMap((state) => {
            const text = state === 'STOP' ? 'Stopping' : `Entering ${state} state`;
            return [`[R1] VRRP Instance VI_1 - ${text}`, `[R1] VRRP Group VG - ${text}`];
          }),
          'and none of VI_2, which wants none',
        );
        const [first] = mail.mails;
        assert.match(first?.from ?? '', /<lvsd@example\.org>/);
        assert.match(first?.to.join() ?? '', /<ops@example\.org>/);
        assert.match(first?.text ?? '', /^Another router answers for the virtual addresses now\.$/m);
      } finally {
        mail.close();
        await daemon.dispose();
      }
    });
  });
});

describe('a mail server that takes no mail', () => {
  it('holds up no stop: what it has not taken is told in the log', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      const [mail, daemon] = [await SmtpServer.listenOn(host), new Daemon(host.namespace)];
      try {
        daemon.configure(instances(mail.port));
        daemon.start('-P');
        await eventually('four mails', () => mail.mails.length >= 4);
        // Never greets; after 30 s each mail would be given up by itself.
        mail.hesitateMs = 2 ** 31 - 1;
        daemon.signal('SIGTERM');
        assert.equal(await daemon.ended(), 0);
        const dropped = () => daemon.log.match(/mail .* - Stopping.* not sent by .*: lvsd ends/g);
        await eventually('both are told', () => dropped()?.length === 2);
      } finally {
        mail.close();
        await daemon.dispose();
      }
    }));
});

/** VI_1 in a group, both with mail, and VI_2 without. */
function instances(smtp: number): string {
  const instance = (name: string, vrid: number, more: string) => `vrrp_instance ${name} {
    interface eth0
    virtual_router_id ${vrid}
    version 3
    advert_int 0.2
    ${more}
    virtual_ipaddress {
      10.77.0.1${vrid}/24
    }
  }\n`;
  return `${mailSettings(smtp)}
  vrrp_sync_group VG {
    smtp_alert
    group {
      VI_1
    }
  }
  ${instance('VI_1', 51, 'smtp_alert')}${instance('VI_2', 52, 'smtp_alert off')}`;
}

function mailSettings(smtp: number, more = ''): string {
  return `global_defs {
    router_id R1
    smtp_server 127.0.0.1 ${smtp}
    notification_email { ops@example.org }
    notification_email_from lvsd@example.org
    ${more}
  }`;
}

function configuration(port: number, smtp: number, [all, lvs]: readonly string[]): string {
  return `${mailSettings(smtp, `smtp_alert\nnotify_fifo ${all}\nlvs_notify_fifo ${lvs}`)}
  virtual_server 127.0.0.9 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    delay_loop 0.2
    real_server 127.0.0.1 ${port} {
      TCP_CHECK {
        retry 0
        warmup 0
      }
    }
  }\n`;
}

function available(fd: number): string {
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer));
  } catch {
    return '';
  }
}
