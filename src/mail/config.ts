/** What sending mail needs to know, every default resolved. */
export type MailConfig = {
  /** smtp_server; port 25 unless given. */
  readonly server: { readonly host: string; readonly port: number };
  /** smtp_helo_name, the host's name unless given. */
  readonly heloName: string;
  /** smtp_connect_timeout */
  readonly connectTimeoutMs: number;
  /** notification_email_from */
  readonly from: string;
  /** notification_email, at least one. */
  readonly to: readonly string[];
};

/** One mail; the router's name is put before the subject. */
export type Mail = { readonly subject: string; readonly body: string };
