import assert from 'node:assert/strict';
import { uncomment } from '../../src/config/comment.js';
import { tokens, words } from '../../src/config/lexer.js';
import { placeAt, textAt } from '../../src/config/text.js';

const START = { file: 'f', line: 3, column: 1 };

function uncommented(line: string): string {
  const { line: kept, continued, openQuote } = uncomment(textAt(line, START));
  return kept.text + (continued ? ' …' : '') + (openQuote === undefined ? '' : ` (quote at ${openQuote})`);
}

describe('uncomment', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a hash starts a comment anywhere', 'weight 1 # one', 'weight 1'],
    ['a bang starts a comment anywhere', 'weight 1! one', 'weight 1'],
    ['a whole line may be a comment', '  ! weight 1', ''],
    ['braces in a comment are not there', 'a { # }', 'a {'],
    ['quotes protect both', 'path "/a#b!c" # d', 'path "/a#b!c"'],
    ['a backslash protects and goes away', 'path /a\\#b\\!c', 'path /a#b!c'],
    ['a backslash in quotes stays', 'path "a\\#b"', 'path "a\\#b"'],
    ['an escaped quote does not close', 'script "a \\" # b" # c', 'script "a \\" # b"'],
    ['an apostrophe protects nothing', "it's # a comment", "it's"],
    ['blanks at both ends go', '\t weight 1 \f', 'weight 1'],
    ['a backslash at the end continues', '$A= x \\', '$A= x …'],
    ['two backslashes at the end do not', 'x \\\\', 'x \\\\'],
    ['a quote that is not closed is found', 'path "/a # b', 'path "/a # b (quote at 5)'],
    ['other backslashes stay', 'regex a\\\\d', 'regex a\\\\d'],
  ];
  for (const [claim, line, expected] of cases) it(claim, () => assert.equal(uncommented(line), expected));

  it('keeps the column of what follows a removed backslash', () => {
    const { line } = uncomment(textAt('  path a\\#bc', START));
    assert.equal(line.text, 'path a#bc');
    assert.deepEqual(placeAt(line, 0), { file: 'f', line: 3, column: 3 });
    assert.deepEqual(placeAt(line, line.text.indexOf('c')), { file: 'f', line: 3, column: 12 });
  });
});

function tokenTexts(line: string): readonly string[] {
  return tokens(textAt(line, START)).map((token) => {
    return token.kind === 'statement'
      ? `${token.text.text}@${token.text.place.column}`
      : `${token.kind}@${token.place.column}`;
  });
}

describe('tokens', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['a line without braces is one statement', 'weight 1', ['weight 1@1']],
    ['a blank line is nothing', '   ', []],
    ['a brace may end the line', 'url {', ['url@1', 'open@5']],
    ['a brace needs no blank', 'url{', ['url@1', 'open@4']],
    ['a block may be on one line', 'a { b 1 }', ['a@1', 'open@3', 'b 1@5', 'close@9']],
    ['braces may follow each other', '}}', ['close@1', 'close@2']],
    ['braces in quotes are text', 'script "a { b }" {', ['script "a { b }"@1', 'open@18']],
    ['an escaped quote does not end quotes', 'script "a \\" {"', ['script "a \\" {"@1']],
  ];
  for (const [claim, line, expected] of cases) it(claim, () => assert.deepEqual(tokenTexts(line), expected));
});

describe('words', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['blanks of all kinds separate', 'a b\tc\fd\ve', ['a', 'b', 'c', 'd', 'e']],
    ['quotes make one word', 'router_id "a b"', ['router_id', 'a b']],
    ['quotes escape nothing', 'x "a\\"', ['x', 'a\\']],
    ['a quote starts a new word', 'a"b c"d', ['a', 'b c', 'd']],
    ['an empty pair is an empty word', 'x ""', ['x', '']],
    ['an open quote takes the rest', 'x "a b', ['x', 'a b']],
  ];
  for (const [claim, line, expected] of cases) {
    it(claim, () =>
      assert.deepEqual(
        words(textAt(line, START)).map(({ text }) => text),
        expected,
      ),
    );
  }

  it('tells quoted words from bare ones, and where each is', () => {
    assert.deepEqual(words(textAt('a "b"', START)), [
      { text: 'a', start: 0, end: 1, quoted: false },
      { text: 'b', start: 2, end: 5, quoted: true },
    ]);
  });
});
