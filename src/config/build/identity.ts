/**
 * Names that stay the same over reloads while the thing is the same. A checker is the same while its type, its
 * connection and what it asks for are; times, retries and limits may change under it.
 */
import type { CheckerConfig } from '../../checkers/config.js';

/** `VIRTUAL/REAL/TYPE`, followed by what sets it apart; `taken` gets the name. */
export function checkerName(config: Omit<CheckerConfig, 'id'>, taken: Set<string>): string {
  const base = `${config.virtualServer}/${config.realServer}/${config.type}`;
  const name = `${base}@${fingerprint(JSON.stringify(identity(config)))}`;
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}#${count}`;
    if (!taken.has(candidate)) {
      taken.add(candidate);
      return candidate;
    }
  }
}

function identity({ connection, ...config }: Omit<CheckerConfig, 'id'>): unknown {
  const { timeoutMs: _, ...where } = connection;
  if ('send' in config) return [where, config.send];
  if (!('urls' in config)) return where;
  const { httpProtocol, urls, tls } = config as Extract<CheckerConfig, { readonly urls: unknown }>;
  return [where, httpProtocol, urls, tls?.enableSni, tls?.sniName, tls?.verify];
}

/** FNV-1a, 32 bits, of UTF-16 units: enough to tell the few checks of one server apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
