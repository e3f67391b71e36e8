/** Arguments of mail keywords. */
import { type Arguments, ignoreFrom, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { one, readInteger } from './basic.js';

export const mailAddress: Type<string> = {
  syntax: 'NAME@HOST',
  parse: (args) => one(args, mailAddress.syntax, (word) => readMailAddress(args, word)),
};

/** A line of notification_email. */
export const recipient: Type<string> = {
  syntax: mailAddress.syntax,
  parse: (args) => {
    const [word] = words(args.text);
    return word && readMailAddress({ ...args, keyword: 'notification_email' }, word);
  },
};

function readMailAddress(args: Arguments, word: Word): string | undefined {
  const fits = /^[^\s<>(),;"]+$/.test(word.text);
  return fits ? word.text : reject(args, word, `expected ${mailAddress.syntax}`);
}

export type MailServer = { readonly host: string; readonly port: number };

/** SMTP's port. */
const SMTP = 25;

/** `HOST [PORT]`, the host by address or name. */
export const mailServer: Type<MailServer> = {
  syntax: 'HOST [PORT]',
  parse: (args) => {
    const [host, port] = args.words;
    if (host === undefined)
      return reject(args, undefined, `its argument is missing: expected ${mailServer.syntax}`);
    ignoreFrom(args, 2);
    const number = port === undefined ? SMTP : readInteger(args, port, { min: 1, max: 65_535 });
    return number === undefined ? undefined : { host: host.text, port: number };
  },
};
