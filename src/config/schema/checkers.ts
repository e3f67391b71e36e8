/** Keywords of the checkers. */

import { address, MARKS, PORTS } from '../types/address.js';
import { anything, bool, flag, integer, nothing, oneOf, seconds, text } from '../types/basic.js';
import { digest, host, path, pattern, patternOptions, statusCodes } from '../types/http.js';
import { IGNORED, keyword, refused, section } from './define.js';

const COUNT = { min: 0, max: 0xffff_ffff } as const;
const OFFSETS = { min: 0, max: 0x7fff_ffff } as const;
const port = integer(PORTS);

/** What every checker has beside its connection. */
const timing = {
  retry: keyword(integer(COUNT), 'Further tries after a failure, before the server counts as down.', {
    default: "real_server's, else 1 (MISC_CHECK 0, DNS_CHECK 3)",
  }),
  delay_before_retry: keyword(seconds({ min: 0, max: Infinity }), 'Wait before each further try.', {
    default: "real_server's, else 1 (HTTP_GET, SSL_GET 3; DNS_CHECK, MISC_CHECK delay_loop)",
  }),
  warmup: keyword(
    seconds({ min: 0, max: Infinity }),
    'The first check is at a random moment within this time.',
    {
      default: "real_server's, else delay_loop",
    },
  ),
  delay_loop: keyword(seconds({ min: 0.000001, max: Infinity }), 'Time between checks.', {
    default: "real_server's",
  }),
  alpha: keyword(bool, 'The server counts as down until the first success.', { default: "real_server's" }),
  log_all_failures: keyword(bool, 'Log each failure, not only the changes.', {
    default: 'checker_log_all_failures',
  }),
};

/** Where a check connects to, and from where. */
const connection = {
  connect_ip: keyword(address, 'Address to check.', { default: "real_server's" }),
  connect_port: keyword(port, 'Port to check.', { default: "real_server's" }),
  bindto: keyword(address, 'Source address of the check.'),
  bind_port: keyword(port, 'Source port of the check.'),
  bind_if: keyword(text('INTERFACE', { longest: 15 }), 'Interface the check leaves by.'),
  connect_timeout: keyword(seconds({ min: 0.000001, max: Infinity }), 'Time a check may take.', {
    default: "real_server's, else 5",
  }),
  fwmark: keyword(integer(MARKS), "Firewall mark on the check's packets.", { default: '0' }),
};

export const common = { ...connection, ...timing };

export const url = {
  path: keyword(path, 'Path to ask for; required.'),
  status_code: keyword(statusCodes, 'Status codes that pass.', { default: '200-299' }),
  digest: keyword(digest, 'MD5 of the body that passes.'),
  virtualhost: keyword(host, 'Host header.', { default: "the checker's" }),
  regex: keyword(pattern, 'Expression the body must match.'),
  regex_no_match: keyword(flag, 'The check fails when the expression matches.'),
  regex_options: keyword(patternOptions, 'Options of pcre2 for the expression.'),
  regex_min_offset: keyword(integer(OFFSETS), 'First byte of the body a match may start at.', {
    default: '0',
  }),
  regex_max_offset: keyword(integer(OFFSETS), 'Last byte of the body a match may start at.'),
  regex_stack: keyword(anything, "Memory of pcre2's compiler.", { support: IGNORED }),
};

const tlsCompliant = keyword(bool, 'Expect the TLS session to be closed by close_notify.', {
  default: 'off',
});

export const httpGet = {
  ...common,
  retry: { ...timing.retry, deprecated: ['nb_get_retry'] },
  http_protocol: keyword(
    oneOf(['1.0', '1.0C', '1.0c', '1.1']),
    'HTTP version of the request; C adds Connection: close.',
    {
      default: '1.0',
    },
  ),
  virtualhost: keyword(host, 'Host header.', {
    default: "real_server's, else virtual_server's, else ADDRESS:PORT",
  }),
  fast_recovery: keyword(bool, 'While recovering, check one url right after another.', { default: 'off' }),
  url: section(nothing, url, 'A page to ask for; any number, all must pass.', { repeat: 'each' }),
};

export const sslUrl = { ...url, tls_compliant: tlsCompliant };

export const sslGet = {
  ...httpGet,
  url: section(nothing, sslUrl, 'A page to ask for; any number, all must pass.', {
    repeat: 'each',
  }),
  enable_sni: keyword(bool, 'Send the server name in the TLS handshake.', { default: 'off' }),
  sni_name: keyword(host, 'Server name to send; turns enable_sni on.', { default: 'virtualhost' }),
  tls_compliant: tlsCompliant,
  tls_verify: keyword(bool, "The server's certificate must be valid for its name (lvsd's own).", {
    default: 'off',
  }),
};

/** In a real server only. */
export const agent = {
  connect_ip: { ...connection.connect_ip, aliases: ['host'] },
  connect_port: keyword(port, "Port of the agent; required where the real server's is not its.", {
    default: "real_server's",
    aliases: ['port'],
  }),
  bindto: connection.bindto,
  bind_port: connection.bind_port,
  bind_if: connection.bind_if,
  connect_timeout: connection.connect_timeout,
  fwmark: connection.fwmark,
  warmup: timing.warmup,
  delay_loop: { ...timing.delay_loop, aliases: ['interval'] },
  log_all_failures: timing.log_all_failures,
  agent_send: keyword(text('TEXT'), 'Sent when connected.'),
};

export const agentCheck = section(
  nothing,
  agent,
  "Asks the server by TCP how much it wants to get, as HAProxy's agent-check does (lvsd's own).",
);

const UP = 'without it the server would count as always up';

export const checkers = {
  TCP_CHECK: section(nothing, common, 'Connects by TCP, then closes.', { repeat: 'each' }),
  HTTP_GET: section(nothing, httpGet, 'Asks for pages by HTTP.', { repeat: 'each' }),
  SSL_GET: section(nothing, sslGet, 'Asks for pages by HTTPS.', { repeat: 'each' }),
  PING_CHECK: section(nothing, common, 'Sends ICMP echo requests.', { repeat: 'each' }),
  SMTP_CHECK: section(
    nothing,
    {
      ...common,
      helo_name: keyword(text('NAME'), 'Name given in HELO.', { default: 'smtpchecker.keepalived.org' }),
      host: section(nothing, connection, 'A host to check (old form).', { repeat: 'each' }),
    },
    'Talks SMTP up to the reply to HELO.',
    { repeat: 'each', support: refused(UP) },
  ),
  DNS_CHECK: section(
    nothing,
    {
      ...common,
      type: keyword(
        oneOf(['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY']),
        'Record type.',
        {
          default: 'SOA',
        },
      ),
      name: keyword(text('NAME'), 'Name to ask for.', { default: '.' }),
    },
    'Asks a name server by UDP.',
    { repeat: 'each', support: refused(UP) },
  ),
  UDP_CHECK: section(
    nothing,
    {
      ...common,
      payload: keyword(anything, 'Bytes to send, in hex.'),
      require_reply: keyword(anything, 'A reply must come, with these bytes if given.'),
      min_reply_length: keyword(integer({ min: 0, max: 65_535 }), 'Shortest reply.', { default: '0' }),
      max_reply_length: keyword(integer({ min: 0, max: 65_535 }), 'Longest reply.', { default: '255' }),
    },
    'Sends a UDP packet, and fails on an ICMP error.',
    { repeat: 'each', support: refused(UP) },
  ),
  MISC_CHECK: section(
    nothing,
    {
      ...timing,
      misc_path: keyword(anything, 'Program to run; exit status 0 is up.'),
      misc_timeout: keyword(integer(COUNT), 'Seconds it may run.', { default: 'delay_loop' }),
      misc_dynamic: keyword(flag, 'Exit status 2–255 sets the weight to two less.'),
      user: keyword(anything, 'User and group it runs as.', { default: 'script_user' }),
    },
    'Runs a program.',
    { repeat: 'each', support: refused(UP) },
  ),
  FILE_CHECK: section(
    nothing,
    {
      track_file: keyword(text('NAME'), 'The track_file to follow.'),
      weight: keyword(anything, "What the file's number is multiplied by."),
    },
    'Follows a number in a file.',
    { repeat: 'each', support: refused(UP) },
  ),
  BFD_CHECK: section(
    nothing,
    {
      name: keyword(text('NAME'), 'The bfd_instance to follow.'),
      alpha: keyword(bool, 'The server counts as down until the session is up.'),
    },
    'Follows a BFD session.',
    { repeat: 'each', support: refused(UP) },
  ),
};

/** Root-level SSL block: what SSL_GET presents and trusts. */
export const ssl = {
  password: keyword(text('TEXT'), 'Password of the key.', { secret: true }),
  ca: keyword(text('FILE'), 'Certificates to trust, PEM.'),
  certificate: keyword(text('FILE'), 'Own certificate, PEM.'),
  key: keyword(text('FILE'), 'Key of the certificate, PEM.'),
};
