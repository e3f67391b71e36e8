/** Gets the urls of HTTP checks as the checks would, once each, as far as the status. */
import { readFileSync } from 'node:fs';
import got, { type OptionsInit } from 'got';
import type { TlsOptions } from '../../checkers/config.js';
import { askEach } from './ask.js';
import { type Answers, type HttpQuestion, judgeStatus, nameOf } from './servers.js';

const PATIENCE = { most: 256, atOnce: 32, withinMs: 5000 } as const;
/** A check may wait longer; an operator before a page does not. */
const MOST_MS = 2000;

export function askByHttp(questions: readonly HttpQuestion[]): Promise<Answers<HttpQuestion>> {
  return askEach(questions, PATIENCE, async (question, signal) => {
    const status = await statusOf(question, signal);
    return typeof status === 'number' ? judgeStatus(question.url, status) : status;
  });
}

/** The status, or why there is none. The body is not read. */
function statusOf(question: HttpQuestion, signal: AbortSignal): Promise<number | string> {
  return new Promise((resolve) => {
    try {
      const stream = got.stream(nameOf(question), { ...optionsOf(question), signal });
      stream.once('response', ({ statusCode }: { readonly statusCode: number }) => {
        resolve(statusCode);
        stream.destroy();
      });
      stream.on('error', (error) => resolve(error.message));
    } catch (error) {
      resolve((error as Error).message);
    }
  });
}

function optionsOf({ checker: { connection, tls }, url }: HttpQuestion): Omit<OptionsInit, 'isStream'> {
  const { bindAddress, timeoutMs } = connection;
  return {
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    timeout: { request: Math.min(timeoutMs, MOST_MS) },
    headers: {
      'user-agent': 'KeepAliveClient',
      connection: 'close',
      ...(url.virtualhost && { host: url.virtualhost }),
    },
    ...(bindAddress !== undefined && { localAddress: bindAddress }),
    ...(tls !== undefined && { https: httpsOf(tls, url.virtualhost) }),
  };
}

function httpsOf(tls: TlsOptions, virtualhost: string | undefined): NonNullable<OptionsInit['https']> {
  const { verify, enableSni, sniName = virtualhost, caFile, certificateFile, keyFile, password } = tls;
  return {
    rejectUnauthorized: verify,
    ...(enableSni && sniName !== undefined && { serverName: sniName }),
    ...(caFile !== undefined && { certificateAuthority: readFileSync(caFile) }),
    ...(certificateFile !== undefined && { certificate: readFileSync(certificateFile) }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile) }),
    ...(password !== undefined && { passphrase: password }),
  };
}
