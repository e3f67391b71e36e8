/** Does a body match? Offsets are bytes; without the u flag an expression sees bytes, as PCRE2 does without `utf`. */
import type { RegexConfig } from './config.js';

export function matchBody(regex: RegexConfig, body: Uint8Array): boolean {
  return regex.flags.includes('u') || regex.flags.includes('v')
    ? matchText(regex, body)
    : matchBytes(regex, body);
}

function matchBytes(regex: RegexConfig, body: Uint8Array): boolean {
  const expression = compile(Buffer.from(regex.pattern).toString('latin1'), regex.flags);
  expression.lastIndex = regex.minOffset;
  const found = expression.exec(bufferOf(body).toString('latin1'));
  return found !== null && found.index <= (regex.maxOffset ?? Infinity);
}

function matchText(regex: RegexConfig, body: Uint8Array): boolean {
  const bytes = bufferOf(body);
  const text = bytes.toString();
  const expression = compile(regex.pattern, regex.flags);
  expression.lastIndex = bytes.toString('utf8', 0, regex.minOffset).length;
  const found = expression.exec(text);
  return found !== null && Buffer.byteLength(text.slice(0, found.index)) <= (regex.maxOffset ?? Infinity);
}

/** Searches forward from lastIndex, so that the first match is the one that starts earliest. */
function compile(pattern: string, flags: string): RegExp {
  return new RegExp(pattern, `${flags.replace(/[gy]/g, '')}g`);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
