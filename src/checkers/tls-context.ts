/** TLS contexts, made once for all checks that share their files: making one costs more than a handshake. */
import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsOptions } from './config.js';

type Files = Pick<TlsOptions, 'verify' | 'caFile' | 'certificateFile' | 'keyFile' | 'password'>;

/** The machine's own authorities (Debian, Red Hat); Node's built-in ones where neither is. */
const SYSTEM_CA = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

export class TlsContexts {
  readonly #contexts = new Map<string, SecureContext | string>();

  /** The context, or why there is none. */
  get(options: Files): SecureContext | string {
    const { verify, caFile, certificateFile, keyFile, password } = options;
    const key = JSON.stringify([verify, caFile, certificateFile, keyFile, password]);
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const made = make(options);
    this.#contexts.set(key, made);
    return made;
  }

  /** Reads the files anew at the next use. */
  clear(): void {
    this.#contexts.clear();
  }
}

function make({ verify, caFile, certificateFile, keyFile, password }: Files): SecureContext | string {
  const authorities = caFile ?? (verify ? SYSTEM_CA.find((file) => existsSync(file)) : undefined);
  try {
    return createSecureContext({
      ...(authorities === undefined ? {} : { ca: readFileSync(authorities) }),
      ...(certificateFile === undefined ? {} : { cert: readFileSync(certificateFile) }),
      ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
      ...(password === undefined ? {} : { passphrase: password }),
    });
  } catch (error) {
    return `SSL block: ${(error as Error).message}`;
  }
}
