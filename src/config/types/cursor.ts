/** Reads the words of a line one after another: `ADDRESS dev IF metric N …`. */
import { type Arguments, reject } from '../arguments.js';
import type { Word } from '../lexer.js';

export class Cursor {
  #at = 0;
  /** Something in the line could not be read; it has been reported. */
  failed = false;

  constructor(
    readonly args: Arguments,
    private readonly words: readonly Word[],
  ) {}

  peek(): Word | undefined {
    return this.words[this.#at];
  }

  next(): Word | undefined {
    const word = this.words[this.#at];
    this.#at += 1;
    return word;
  }

  /** Takes the word when it is one of these. */
  accept(...texts: readonly string[]): boolean {
    const found = texts.includes(this.peek()?.text ?? '');
    if (found) this.#at += 1;
    return found;
  }

  /** Reads what must follow the word just taken. */
  value<T>(read: (args: Arguments, word: Word) => T | undefined, what: string): T | undefined {
    const before = this.words[this.#at - 1];
    const word = this.next();
    const value =
      word === undefined
        ? reject(this.args, before, `expected ${what} after it`)
        : read({ ...this.args, keyword: before?.text ?? this.args.keyword }, word);
    if (value === undefined) this.failed = true;
    return value;
  }

  /** Says that a word does not belong here. */
  refuse(word: Word, text: string): void {
    reject(this.args, word, text);
    this.failed = true;
  }
}

/** Reads one word that is one of a table's names, or a whole number of a range. */
export function named(
  table: Readonly<Record<string, number>>,
  range: { readonly min: number; readonly max: number },
): (args: Arguments, word: Word) => number | undefined {
  return (args, word) => {
    if (Object.hasOwn(table, word.text)) return table[word.text];
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(word.text) ? Number(word.text) : Number.NaN;
    if (number >= range.min && number <= range.max) return number;
    const names = Object.keys(table);
    const words = names.length === 0 ? '' : `, or ${names.join(', ')}`;
    return reject(args, word, `expected a number between ${range.min} and ${range.max}${words}`);
  };
}

/** Reads one word as it is. */
export function plain(_args: Arguments, word: Word): string {
  return word.text;
}
