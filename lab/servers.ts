/** The lab's web servers: a real nginx in each, with a page that names it. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './command.js';
import type { Host } from './host.js';
import { cache, ensureFolder } from './paths.js';
import type { ServerName } from './topology.js';

/** How a server stops: `kill` at once, its connections reset; `quit` after the requests it has. Both refuse newcomers. */
export type StopMode = 'kill' | 'quit';

/**
 * Starts the host's nginx on ports 80 and 443; returns when it takes connections.
 * `/` answers 200 with a page and the header X-Server that name the host, `/slow` so in about 8 seconds, `/long` in 12 minutes;
 * connections may idle for an hour.
 */
export async function startServer(host: Host, certificate: string): Promise<void> {
  const config = serverConfig(host.name as ServerName, certificate);
  const script = 'mkdir -p /run/nginx && cat >/run/nginx/nginx.conf && exec nginx -c /run/nginx/nginx.conf';
  await host.output(['sh', '-c', script], { input: config });
}

/** Stops the host's nginx; returns when its processes are gone. */
export async function stopServer(host: Host, mode: StopMode): Promise<void> {
  const pids = await host.pids('nginx');
  if (pids.length === 0) return;
  await host.run(['kill', mode === 'kill' ? '-KILL' : '-QUIT', ...pids.map(String)]);
  const waiting = `while ${pids.map((pid) => `[ -e /proc/${pid} ]`).join(' || ')}; do sleep 0.02; done`;
  await host.output(['sh', '-c', waiting]);
}

/** A key and a self-signed certificate in one file, made once for this user. */
export async function ensureCertificate(): Promise<string> {
  const folder = ensureFolder(join(cache(), 'tls'));
  const path = join(folder, 'server.pem');
  if (existsSync(path)) return path;
  const scratch = `${path}.${process.pid}`;
  const request = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '3650',
  ];
  const names = ['-subj', '/CN=lab', '-addext', 'subjectAltName=DNS:lab,DNS:*.lab'];
  await output(['openssl', 'req', ...request, ...names, '-keyout', scratch, '-out', `${scratch}.crt`]);
  await output(['sh', '-c', 'cat "$0.crt" >>"$0" && rm "$0.crt"', scratch]);
  renameSync(scratch, path);
  return path;
}

/** The page /slow takes about 8 seconds: a request that is under way while something happens. */
const SLOW_BYTES = 400;
/**
 * Of /long the first kilobyte comes at once, and then a little each second: a download that outlasts whatever happens meanwhile. It has
 * so many parts, for nginx reads no word of more than 4 KB.
 */
const LONG_PARTS = 5;
const PART_BYTES = 3000;

function serverConfig(name: ServerName, certificate: string): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const page = name === 'sorry' ? 'Sorry, every server is busy. Please come back soon.' : `This is ${name}.`;
  return `
user root;
worker_processes 1;
pid /run/nginx/nginx.pid;
error_log /run/nginx/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_timeout 3600s;
  default_type text/plain;
${folders.map((folder) => `  ${folder}_temp_path /run/nginx/${folder};`).join('\n')}
  server {
    listen 80 backlog=4096;
    listen [::]:80 backlog=4096;
    listen 443 ssl backlog=4096;
    listen [::]:443 ssl backlog=4096;
    ssl_certificate ${certificate};
    ssl_certificate_key ${certificate};
    add_header X-Server ${name} always;
    location / { return 200 "${page}\\n"; }
    location /slow { limit_rate 50; return 200 "${`Slowly said by ${name}. `.padEnd(SLOW_BYTES, '.')}\\n"; }
    location /long {
      set $part "${`Said at length by ${name}. `.padEnd(PART_BYTES, '.')}";
      limit_rate_after 1k;
      limit_rate 20;
      return 200 "${'$part'.repeat(LONG_PARTS)}\\n";
    }
    location /missing { return 404 "no such page\\n"; }
  }
}
`;
}
