/** Sends mails one after another; nobody waits for them, and what cannot be sent is told in the log. */
import { Socket } from 'node:net';
import type { Mail, MailConfig } from './config.js';

export type MailerOptions = {
  readonly log: Readonly<Record<'debug' | 'info' | 'warn', (fields: object, text: string) => void>>;
  /** Sends nothing, and says what it would. */
  readonly dryRun: boolean;
};

export type Mailer = {
  /** Undefined: no mail is sent. */
  readonly configure: (config: MailConfig | undefined, routerId: string) => void;
  readonly send: (mail: Mail) => void;
  /** Resolves when nothing waits. */
  readonly idle: () => Promise<void>;
  /** Drops what is not sent yet, and tells of it: a server that takes no mail must not keep the process alive. */
  readonly abandon: () => void;
};

const ENDING = 'lvsd ends';

/** A server that takes no mail for long: more than this waiting are told and dropped. */
const MOST_WAITING = 100;

export function createMailer({ log, dryRun }: MailerOptions): Mailer {
  let config: MailConfig | undefined;
  let routerId = '';
  let waiting = 0;
  let last = Promise.resolve();
  let socket: Socket | undefined;
  let abandoned = false;
  return {
    configure: (next, name) => {
      config = next;
      routerId = name;
    },
    send,
    idle: () => last,
    abandon: () => {
      abandoned = true;
      socket?.destroy(new Error(ENDING));
    },
  };

  function send({ subject, body }: Mail): void {
    if (config === undefined) return;
    const mail = { subject: `[${routerId}] ${subject}`, body };
    if (dryRun) {
      log.info({ to: config.to }, `would mail "${mail.subject}" to ${config.to.join(', ')}`);
      return;
    }
    if (waiting >= MOST_WAITING) {
      log.warn({ subject: mail.subject }, `mail "${mail.subject}" is dropped: ${waiting} others wait`);
      return;
    }
    const by = config;
    waiting += 1;
    last = last
      .then(() => deliver(by, mail))
      .then(() => {
        waiting -= 1;
      });
  }

  async function deliver(by: MailConfig, mail: Mail): Promise<void> {
    socket = new Socket();
    try {
      if (abandoned) throw new Error(ENDING);
      await transmit(by, mail, socket);
      log.debug({ to: by.to }, `mail "${mail.subject}" sent`);
    } catch (error) {
      const { host, port } = by.server;
      log.warn(
        { to: by.to },
        `mail "${mail.subject}" not sent by ${host}:${port}: ${(error as Error).message}`,
      );
    }
  }
}

async function transmit(
  { server, heloName, connectTimeoutMs, from, to }: MailConfig,
  mail: Mail,
  socket: Socket,
): Promise<void> {
  // Loaded with the first mail: most daemons send none for weeks.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...server,
    secure: false,
    socket,
    name: heloName,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: connectTimeoutMs,
    // The relay next door rarely has a certificate anyone knows; what keepalived sends is not encrypted at all.
    tls: { rejectUnauthorized: false },
  });
  try {
    await transport.sendMail({ from, to: [...to], subject: mail.subject, text: mail.body });
  } finally {
    transport.close();
  }
}
