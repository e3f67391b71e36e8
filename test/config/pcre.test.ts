import assert from 'node:assert/strict';
import { translatePcre } from '../../src/config/pcre.js';
import { PCRE_OPTIONS, type PcreOption } from '../../src/config/pcre-option.js';

function compiled(source: string, options: readonly PcreOption[] = []): RegExp {
  const result = translatePcre(source, options);
  if ('fault' in result) throw new Error(result.fault);
  const { pattern, flags } = result;
  return new RegExp(flags.includes('u') ? pattern : Buffer.from(pattern).toString('latin1'), flags);
}

/** What PCRE2 finds, as pcre2test(1) shows it; undefined is no match. */
type Row = readonly [
  source: string,
  options: readonly PcreOption[],
  subject: string,
  found: string | undefined,
];

const ROWS: readonly Row[] = [
  ['abc', [], 'xabcx', 'abc'],
  ['abc', [], 'xABCx', undefined],
  ['abc', ['caseless'], 'xABCx', 'ABC'],
  ['(?i)abc', [], 'xABCx', 'ABC'],
  // The end of the subject, or before a newline that ends it.
  ['OK$', [], 'OK', 'OK'],
  ['OK$', [], 'OK\n', 'OK'],
  ['OK$', [], 'OK\n\n', undefined],
  ['OK$', ['dollar_endonly'], 'OK\n', undefined],
  ['OK$', ['multiline'], 'OK\nno', 'OK'],
  ['OK$', ['multiline'], 'OK\rno', undefined],
  ['^b', [], 'a\nb', undefined],
  ['^b', ['multiline'], 'a\nb', 'b'],
  ['^b', ['multiline'], 'a\rb', undefined],
  ['^', ['multiline'], 'a\n', ''],
  ['\n^', ['multiline'], 'a\n', undefined],
  ['\n^', ['multiline', 'alt_circumflex'], 'a\n', '\n'],
  ['a.b', [], 'a\nb', undefined],
  ['a.b', [], 'a\rb', 'a\rb'],
  ['a.b', ['dotall'], 'a\nb', 'a\nb'],
  ['a b # c', ['extended'], 'ab', 'ab'],
  ['a[ ]b\\ c', ['extended'], 'a b c', 'a b c'],
  ['a+', ['ungreedy'], 'aaa', 'a'],
  ['a+?', ['ungreedy'], 'aaa', 'aaa'],
  ['a{2}', [], 'aaa', 'aa'],
  ['a{,2}', [], 'a{,2}', 'a{,2}'],
  ['a{x', [], 'a{x', 'a{x'],
  ['\\Aab\\z', [], 'ab', 'ab'],
  ['ab\\z', [], 'ab\n', undefined],
  ['ab\\Z', [], 'ab\n', 'ab'],
  ['a\\sb', [], 'a\u00a0b', undefined],
  ['a\\sb', [], 'a\x0bb', 'a\x0bb'],
  ['a\\hb', [], 'a\tb', 'a\tb'],
  ['a\\Rb', [], 'a\r\nb', 'a\r\nb'],
  ['a\\Nb', [], 'a\nb', undefined],
  ['\\Qa.b*\\E+', [], 'a.b**', 'a.b**'],
  ['\\x41\\x{42}\\103\\o{104}', [], 'ABCD', 'ABCD'],
  ['[[:digit:][:upper:]]+', [], 'a1Bc', '1B'],
  ['[]a]+', [], 'x]a', ']a'],
  ['[^]a]+', [], ']xa', 'x'],
  ['[a\\]b]+', [], 'x]b', ']b'],
  ['[a\\-z]+', [], 'm-z', '-z'],
  ['[[a]+', [], '[a', '[a'],
  ['[\\Q^]\\E]+', [], 'a^]', '^]'],
  ['(?<n>a)\\k<n>', [], 'aa', 'aa'],
  ["(?P<n>a)(?P=n)\\k'n'\\k{n}\\g{n}", [], 'aaaaa', 'aaaaa'],
  ['(a)\\1\\g1\\g{1}', [], 'aaaa', 'aaaa'],
  ['(?:a|b)+(?=c)(?!d)', [], 'abc', 'ab'],
  ['(?<=a)b(?<!c)', [], 'ab', 'b'],
  ['a(?#comment)b', [], 'ab', 'ab'],
  ['"status":\\s*"(?:up|ok)"', [], '{"status": "ok"}', '"status": "ok"'],
  ['a/b', [], 'a/b', 'a/b'],
  ['}]', [], '}]', '}]'],
  ['\\-\\"\\<\\>', [], '-"<>', '-"<>'],
  // Without utf a pattern is bytes, tried on latin1.
  ['é', [], Buffer.from('é').toString('latin1'), Buffer.from('é').toString('latin1')],
  ['^.$', [], Buffer.from('é').toString('latin1'), undefined],
  ['^.$', ['utf'], '😀', '😀'],
  ['\\p{Lu}', ['utf'], 'aÉ', 'É'],
  ['\\-[\\-a]', ['utf'], '--', '--'],
  ['\\x{1F600}', ['utf'], '😀', '😀'],
  ['\\u0041', ['alt_bsux'], 'A', 'A'],
  ['a[]', ['allow_empty_class'], 'a', undefined],
  ['(a)(b)?', ['no_auto_capture'], 'ab', 'ab'],
];

describe('translatePcre', () => {
  for (const [source, options, subject, found] of ROWS) {
    const claim = `${JSON.stringify(source)} ${options.join(' ')} on ${JSON.stringify(subject)}`;
    it(`${claim} finds ${found === undefined ? 'nothing' : JSON.stringify(found)}`, () => {
      assert.equal(compiled(source, options).exec(subject)?.[0], found);
    });
  }

  it('knows all 24 words, and refuses those JavaScript cannot do', () => {
    assert.equal(PCRE_OPTIONS.length, 24);
    const refused = PCRE_OPTIONS.filter((option) => 'fault' in translatePcre('a', [option]));
    assert.deepEqual(refused, ['firstline', 'ucp']);
  });

  const faults: readonly (readonly [string, string])[] = [
    ['a++', 'the possessive quantifier "++" has no equal in JavaScript'],
    ['(?>a)', '"(?>a" has no equal in JavaScript'],
    ['(?|a)', '"(?|a" has no equal in JavaScript'],
    ['a(?i)b', '"(?i)" has no equal in JavaScript'],
    ['(*FAIL)', '"(*FA" has no equal in JavaScript'],
    ['\\Ka', '"\\K" has no equal in JavaScript'],
    ['\\p{Lu}', '"\\p" has no equal in JavaScript'],
    ['[[:nosuch:]]', '"[:nosuch:]" has no equal in JavaScript'],
    ['[[:constructor:]]', '"[:constructor:]" has no equal in JavaScript'],
    ['\\x{100}', '"\\x{100}" is above 255 and needs regex_options utf'],
    ['(a)\\2', '"\\2" names a group that is not there'],
    ['a\\', 'a backslash ends it'],
    ['[a', 'a class is not closed by ]'],
    ['a)', "Unmatched ')'"],
    ['*a', 'Nothing to repeat'],
  ];
  for (const [source, fault] of faults) {
    it(`refuses ${source}`, () => assert.deepEqual(translatePcre(source, []), { fault }));
  }
});
