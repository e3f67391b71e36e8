/** A dry run beside a director that works: it checks and tells what it would do, and does nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, lstatSync, openSync, readSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Daemon } from '../../support/daemon.js';
import { eventually } from '../../support/namespaces.js';
import { SmtpServer } from '../../support/smtp-server.js';

describe('lvsd run --dry-run', () => {
  it('runs no script, sends no mail, makes, writes and removes no FIFO, serves no port: it tells of each', async () => {
    const [mail, web, daemon] = [await SmtpServer.listen(), createServer(), new Daemon()];
    const theirs = join(daemon.directory, 'theirs');
    // A pipe that another daemon keeps, as the one that is read.
    execFileSync('mkfifo', [theirs]);
    const reader = openSync(theirs, constants.O_RDONLY | constants.O_NONBLOCK);
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    try {
      daemon.configure(configuration({ port, smtp: mail.port, folder: daemon.directory }));
      daemon.start('--dry-run');
      const service = '127.0.0.9:80 tcp';
      const server = `127.0.0.1:${port}`;
      const told = (line: string) =>
        eventually(line, () => daemon.log.includes(line), 60_000).catch((error: Error) => {
          throw new Error(`${error.message}\n${daemon.log}`);
        });
      const script = (event: string, of: string) =>
        told(`would run the ${event} script of ${of}: ${note(daemon.directory, event)}`);
      await script('quorum-gained', service);
      assert.ok(!existsSync(join(daemon.directory, 'made')));
      assert.equal(await refusal(9707), 'ECONNREFUSED');
      web.close();
      await script('server-down', `${service} ${server}`);
      await script('quorum-lost', service);
      await told(`would mail \\"[R1] Realserver [127.0.0.1]:tcp:${port} of virtual server`);
      for (const name of ['theirs', 'made'])
        await told(`would write \\"VS [127.0.0.9]:tcp:80 DOWN\\" to FIFO ${join(daemon.directory, name)}`);
      web.listen(port, '127.0.0.1');
      await script('server-up', `${service} ${server}`);
      await script('quorum-gained', service);
      daemon.signal('SIGTERM');
      assert.equal(await daemon.ended(), 0);
      assert.ok(!existsSync(join(daemon.directory, 'notes')), 'a script ran');
      assert.deepEqual(mail.mails, []);
      assert.equal(available(reader), '');
      assert.ok(lstatSync(theirs).isFIFO());
      assert.ok(!existsSync(join(daemon.directory, 'made')));
    } finally {
      closeSync(reader);
      web.close();
      mail.close();
      await daemon.dispose();
    }
  });
});

/** A command that leaves a note of having run. */
function note(folder: string, event: string): string {
  return `/bin/sh -c echo ${event} >> ${join(folder, 'notes')}`;
}

type Wanted = { readonly port: number; readonly smtp: number; readonly folder: string };

function configuration({ port, smtp, folder }: Wanted): string {
  const script = (event: string) => `"/bin/sh -c 'echo ${event} >> ${join(folder, 'notes')}'"`;
  return `global_defs {
    router_id R1
    smtp_server 127.0.0.1 ${smtp}
    notification_email { ops@example.org }
    notification_email_from lvsd@example.org
    smtp_alert
    notify_fifo ${join(folder, 'theirs')}
    notify_fifo_script ${script('reader')}
    lvs_notify_fifo ${join(folder, 'made')}
    lvs_notify_fifo_script ${script('reader')}
    metrics_listen 127.0.0.1
  }
  vrrp_script asked {
    script ${script('asked')}
    interval 1
  }
  vrrp_instance VI_1 {
    interface lo
    virtual_router_id 51
    virtual_ipaddress { 127.0.0.9/32 }
    track_script { asked }
    notify ${script('vrrp')}
  }
  virtual_server 127.0.0.9 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    delay_loop 0.2
    quorum_up ${script('quorum-gained')}
    quorum_down ${script('quorum-lost')}
    real_server 127.0.0.1 ${port} {
      notify_up ${script('server-up')}
      notify_down ${script('server-down')}
      TCP_CHECK {
        retry 0
        warmup 0
      }
    }
  }\n`;
}

function available(fd: number): string {
  const buffer = Buffer.alloc(4096);
  return buffer.toString('utf8', 0, readSync(fd, buffer));
}

/** Why nobody can be reached at a port of this machine. */
async function refusal(port: number): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  const [error] = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch((e) => [e]);
  socket.destroy();
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
