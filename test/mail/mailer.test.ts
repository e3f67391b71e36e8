import assert from 'node:assert/strict';
import type { MailConfig } from '../../src/mail/config.js';
import { createMailer } from '../../src/mail/mailer.js';
import { until } from '../support/scripts.js';
import { SmtpServer } from '../support/smtp-server.js';

describe('mail/mailer', () => {
  let server: SmtpServer;
  const warnings: string[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (_: object, text: string) => void warnings.push(text),
  };

  beforeEach(async () => {
    server = await SmtpServer.listen();
    warnings.length = 0;
  });
  afterEach(() => server.close());

  const config = (port = server.port): MailConfig => ({
    server: { host: '127.0.0.1', port },
    heloName: 'director.example',
    connectTimeoutMs: 2000,
    from: 'lvsd@example.org',
    to: ['ops@example.org', 'night@example.org'],
  });

  it('a mail arrives, with the router in its subject, at everybody, in order', async () => {
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(config(), 'R1');
    mailer.send({ subject: 'VRRP Instance VI_1 - Entering MASTER state', body: 'It is master now.' });
    mailer.send({ subject: 'second', body: 'x' });
    await mailer.idle();
    const [first, second] = server.mails;
    assert.match(first?.from ?? '', /<lvsd@example\.org>/);
    assert.equal(first?.to.length, 2);
    assert.match(first?.text ?? '', /^Subject: \[R1\] VRRP Instance VI_1 - Entering MASTER state$/m);
    assert.match(first?.text ?? '', /^It is master now\.$/m);
    assert.match(second?.text ?? '', /^Subject: \[R1\] second$/m);
    assert.deepEqual([...new Set(server.helos)], ['director.example']);
    assert.deepEqual(warnings, []);
  });

  it('a refusal is told with its reason, and the next mail goes', async () => {
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(config(), 'R1');
    server.refusing = true;
    mailer.send({ subject: 'lost', body: '' });
    await mailer.idle();
    assert.match(warnings[0] ?? '', /mail "\[R1\] lost" not sent by 127\.0\.0\.1:\d+: .*no such user/s);
    server.refusing = false;
    mailer.send({ subject: 'kept', body: '' });
    await mailer.idle();
    assert.equal(server.mails.length, 1);
  });

  it('a server that is not there costs a line', async () => {
    const { port } = server;
    server.close();
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(config(port), 'R1');
    mailer.send({ subject: 'nobody', body: '' });
    await mailer.idle();
    assert.match(warnings[0] ?? '', /ECONNREFUSED/);
  });

  it('what comes faster than it is taken is dropped, and told', async () => {
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(config(), 'R1');
    for (let i = 0; i < 101; i += 1) mailer.send({ subject: `${i}`, body: '' });
    assert.match(warnings[0] ?? '', /"\[R1\] 100" is dropped: 100 others wait/);
    await mailer.idle();
    assert.equal(server.mails.length, 100);
  });

  it('what a server has not taken when they are abandoned is told, and holds nobody up', async () => {
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(config(), 'R1');
    // Never greets.
    server.hesitateMs = 2 ** 31 - 1;
    for (const subject of ['first', 'second']) mailer.send({ subject, body: '' });
    await until(() => server.connections === 1);
    mailer.abandon();
    await mailer.idle();
    const notSent = (subject: string) => new RegExp(`mail "\\[R1\\] ${subject}" not sent by .*: lvsd ends$`);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? '', notSent('first'));
    assert.match(warnings[1] ?? '', notSent('second'));
    assert.equal(server.connections, 1);
  });

  it('without a server no mail is sent', async () => {
    const mailer = createMailer({ log, dryRun: false });
    mailer.configure(undefined, 'R1');
    mailer.send({ subject: 'x', body: '' });
    await mailer.idle();
    assert.equal(server.mails.length, 0);
  });
});
