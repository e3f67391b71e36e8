// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations write ${NAME} themselves
import assert from 'node:assert/strict';
import { type Expansion, expandFile } from '../../src/config/expand.js';
import { createReport, formatDiagnostic } from '../../src/config/report.js';
import { memoryReader } from '../support/config.js';

type Options = Partial<Pick<Expansion, 'instance' | 'environment' | 'random'>>;
type Files = string | Readonly<Record<string, string>>;

/** The effective lines of `t.conf`, then the messages. */
function expand(
  files: Files,
  options: Options = {},
): { lines: string[]; places: string[]; messages: string[] } {
  const report = createReport();
  const lines: string[] = [];
  const places: string[] = [];
  expandFile('t.conf', {
    reader: memoryReader(typeof files === 'string' ? { 't.conf': files } : files),
    report,
    instance: 'd1',
    environment: { HOME: '/root' },
    random: () => 0.5,
    emit: ({ text, place: { file, line, column } }) => {
      lines.push(text);
      places.push(`${file}:${line}:${column}`);
    },
    ...options,
  });
  return { lines, places, messages: report.diagnostics().map(formatDiagnostic) };
}

function table(cases: readonly (readonly [claim: string, text: string, lines: readonly string[]])[]): void {
  for (const [claim, text, expected] of cases) {
    it(claim, () => {
      const { lines, messages } = expand(text);
      assert.deepEqual(lines, expected);
      assert.deepEqual(messages, []);
    });
  }
}

describe('conditional lines', () => {
  table([
    ['stay for their instance', '@d1 weight 1', ['weight 1']],
    ['go for another', '@d2 weight 1', []],
    ['stay for all others with ^', '@^d2 weight 1', ['weight 1']],
    ['go for their own with ^', '@^d1 weight 1', []],
    ['need something after the instance', '@d1', []],
    ['take tabs', '\t@d1\tweight\t1', ['weight\t1']],
    ['may stand one within another', '@d1 @^d2 weight 1', ['weight 1']],
    ['may define variables', '@d1 $A=1\n@d2 $A=2\nx $A', ['x 1']],
    ['may come from a variable', '$IF=@d2\n$IF weight 1\n$IF2=@d1\n$IF2 weight 2', ['weight 2']],
    [
      'that do not count take the rest of a definition with them',
      '@d2 $A= \\\n x \\\n y\n\n@d1 $A=z\n$A',
      ['z'],
    ],
  ]);
});

describe('variables', () => {
  table([
    ['are put in before a blank, comma, bracket or the end', '$A=1\nx $A y\nx $A,$A)\n', ['x 1 y', 'x 1,1)']],
    ['are put in anywhere with braces', '$A=1\nx10.${A}.2', ['x10.1.2']],
    ['are put in within quotes', '$A=1\nx "a ${A} b"', ['x "a 1 b"']],
    ['need a name that ends', '$A=1\nx $AB $A.', ['x $AB $A.']],
    ['stay as typed when undefined', 'x $A\ny "${A}"', ['x $A', 'y "${A}"']],
    ['may be empty', '$A=\nx ${A} y', ['x  y']],
    ['may be set anew', '$A=1\nx $A\n$A=2\nx $A', ['x 1', 'x 2']],
    [
      'are worked out at use',
      '$A=10.2.${B}\n$B=0\n${A}.100/32\n$B=10\n${A}.100/32',
      ['10.2.0.100/32', '10.2.10.100/32'],
    ],
    ['lose the comment of their definition', '$A=1 # one\nx $A', ['x 1']],
    ['may be indented and have blanks before the sign', '  $A \t= 1\nx $A', ['x 1']],
    ['do not start a comment by what they hold', '$A="#"\nx ${_HASH}a${_BANG}', ['x #a!']],
    ['may hold several lines', '$A= \\\n x 1 \\\n y 2\n$A\nz', ['x 1', 'y 2', 'z']],
    ['may start with the first of them', '$A=x 1 \\\n y 2\n$A', ['x 1', 'y 2']],
    ['may end a line with several', '$A=1 \\\n y 2\nx $A', ['x 1', 'y 2']],
    [
      'may hold several lines that use others',
      '$B=\\\n b1 \\\n b2\n$A=\\\n a1 \\\n $B \\\n a2\n$A',
      ['a1', 'b1', 'b2', 'a2'],
    ],
    ['may start with another of several', '$B=b1 \\\n b2\n$A=$B \\\n a2\n$A', ['b1', 'b2', 'a2']],
    ['may hold definitions', '$A= \\\n $N=1 \\\n x $N \\\n $N=2 \\\n x $N\n$A', ['x 1', 'x 2']],
    ['may hold conditions', '$A= \\\n @d1 x \\\n @d2 y\n$A', ['x']],
    ['end at an empty line', '$A= \\\n x \\\n\ny\n$A', ['y', 'x']],
    ['do not end at a comment', '$A= \\\n x \\\n # c\n y\n$A', ['x', 'y']],
    ['do not end at an empty line in an open block', '$A= \\\n x { \\\n y \\\n\n }\n$A', ['x {', 'y', '}']],
    [
      'may be the built-in ones',
      '${_PWD} ${_INSTANCE} ${_ENV HOME} ${_RANDOM 10 20}',
      ['/etc/lvsd d1 /root 15'],
    ],
    ['may be built-in ones without braces', 'x $_INSTANCE', ['x d1']],
    ['of the environment are empty when unset', 'x"${_ENV NONE}"', ['x""']],
    ['may replace built-in ones', '$_INSTANCE=x\n${_INSTANCE}', ['x']],
  ]);

  it('of chance stay within their bounds', () => {
    const at = (text: string, random: number) => expand(text, { random: () => random }).lines;
    assert.deepEqual(at('${_RANDOM 3 5}', 0), ['3']);
    assert.deepEqual(at('${_RANDOM 3 5}', 0.999999), ['5']);
    assert.deepEqual(at('${_RANDOM}', 0.999999), ['32767']);
    assert.deepEqual(at('${_RANDOM 32766}', 0), ['32766']);
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['undefined, in braces and unquoted', 'x ${A} y', 't.conf:1:3: error: ${A} is not defined'],
    [
      'of several lines within a line',
      '$A= \\\n x \\\n y\n$A z',
      't.conf:4:1: error: $A holds several lines: nothing may follow it on the line',
    ],
    [
      'of chance with an empty range',
      '${_RANDOM 5 3}',
      't.conf:1:1: error: ${_RANDOM 5 3}: its arguments are wrong',
    ],
    ['of the environment without a name', '${_ENV}', 't.conf:1:1: error: ${_ENV}: its arguments are wrong'],
  ];
  for (const [claim, text, expected] of faults) {
    it(`are refused ${claim}`, () => assert.deepEqual(expand(text).messages, [expected]));
  }

  it('that use themselves are refused, and do not take long', () => {
    for (const text of [
      '$A=$A\nx $A',
      '$A=x$A $A \nx $A',
      '$A=${B}${B}\n$B=${A}${A}\nx $A',
      '$A= \\\n $A \\\n $A\n$A',
    ]) {
      const { messages } = expand(text);
      assert.equal(messages.length, 1, text);
      assert.match(messages[0] ?? '', /never stops growing|deep|more than/, text);
    }
  });

  it('say where their text is written, and errors say where it is used', () => {
    const { places } = expand('$A= \\\n  x 1 \\\n  y 2\n\nb {\n  $A\n}');
    assert.deepEqual(places, ['t.conf:5:1', 't.conf:2:3', 't.conf:3:3', 't.conf:7:1']);
  });
});

describe('~SEQ', () => {
  table([
    [
      'counts from start to end',
      '~SEQ(N, 0, 3) x 10.0.${N}.1',
      ['x 10.0.0.1', 'x 10.0.1.1', 'x 10.0.2.1', 'x 10.0.3.1'],
    ],
    ['counts from 1 with an end only', '~SEQ(N, 3) $N', ['1', '2', '3']],
    ['counts from -1 to a negative end', '~SEQ(N, -2) $N', ['-1', '-2']],
    ['counts down', '~SEQ(N, 3, 1) $N', ['3', '2', '1']],
    ['counts by steps', '~SEQ(N, 1, 2, 6) $N', ['1', '3', '5']],
    ['counts down by steps', '~SEQ(N, 6, -2, 1) $N', ['6', '4', '2']],
    ['counts once from a number to itself', '~SEQ(N, 4, 4) $N', ['4']],
    [
      'counts in hexadecimal',
      '~SEQx(N, 144, 16, 192) fe80::${N}',
      ['fe80::90', 'fe80::a0', 'fe80::b0', 'fe80::c0'],
    ],
    ['reads hexadecimal and octal numbers', '~SEQ(N, 0x10, 010, 040) $N', ['16', '24', '32']],
    ['nests, the first outermost', '~SEQ(A,1,2) ~SEQ(B,1,2) $A,$B', ['1,1', '1,2', '2,1', '2,2']],
    [
      'repeats a variable of several lines',
      '$L= \\\n x ${N} \\\n y ${N}\n~SEQ(N,1,2) $L',
      ['x 1', 'y 1', 'x 2', 'y 2'],
    ],
    ['takes bounds from variables', '$END=2\n~SEQ(N, $END) $N', ['1', '2']],
    ['forgets its variable', '~SEQ(N,1,1) $N\n$N', ['1', '$N']],
    ['gives a variable back', '$N=9\n~SEQ(N,1,1) $N\n$N', ['1', '9']],
    ['may have blanks', '~SEQ ( N , 1 , 2 )  x', ['x', 'x']],
    ['may depend on a condition', '@d1 ~SEQ(N,1,2) $N', ['1', '2']],
    ['may come from a variable', '$S=~SEQ(N,1,2) x $N\n$S', ['x 1', 'x 2']],
    ['counts in its own variable whatever that was before', '$N=9\n$S=~SEQ(N,1,2) x $N\n$S', ['x 1', 'x 2']],
  ]);

  const faults: readonly (readonly [string, string, RegExp])[] = [
    [
      'a step of 0',
      '~SEQ(N,1,0,3) x',
      /^t\.conf:1:6: error: ~SEQ\(N,1,0,3\): a step of 0 never gets from 1 to 3/,
    ],
    ['a step away from the end', '~SEQ(N,1,-1,3) x', /a step of -1 never gets from 1 to 3/],
    ['no number', '~SEQ(N,a) x', /expected one to three numbers/],
    ['too many numbers', '~SEQ(N,1,2,3,4) x', /expected one to three numbers/],
    ['no variable', '~SEQ(,1) x', /expected \(variable, start, step, end\)/],
    ['no closing bracket', '~SEQ(N,1 x', /^t\.conf:1:5: error: ~SEQ: no closing '\)'/],
    ['negative hexadecimal', '~SEQx(N,-1) x', /must not be negative/],
  ];
  for (const [claim, text, expected] of faults) {
    it(`is refused with ${claim}`, () => {
      const { lines, messages } = expand(text);
      assert.deepEqual(lines, []);
      assert.match(messages.join('\n'), expected);
    });
  }
});

describe('~LST', () => {
  table([
    ['takes each value', '~LST(V, a, b,c) x $V', ['x a', 'x b', 'x c']],
    ['takes tuples', '~LST({A, B}, {10,1},{20,4}) x ${A}.${B}', ['x 10.1', 'x 20.4']],
    ['leaves missing values empty', '~LST({A,B}, {1}) x${A}-${B}', ['x1-']],
    ['nests', '~LST(A,1,2) ~LST(B,5,6) $A,$B', ['1,5', '1,6', '2,5', '2,6']],
    [
      'nests with ~SEQ',
      '~LST({A,B},{10,1},{20,4}) ~SEQ(C,168,2,170) 192.${C}.${A}.${B}',
      ['192.168.10.1', '192.170.10.1', '192.168.20.4', '192.170.20.4'],
    ],
  ]);

  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['without values', '~LST(A) x', /expected at least one value/],
    ['with too many in a tuple', '~LST({A,B},{1,2,3}) x', /more values than the 2 variables/],
    ['with a tuple for one variable', '~LST(A,{1,2}) x', /more values than the 1 variables/],
    ['with a name that is none', '~LST(1,2) x', /expected names of variables/],
    ['with braces that do not match', '~LST({A,B,1) x', /expected \(variable, value/],
  ];
  for (const [claim, text, expected] of faults) {
    it(`is refused ${claim}`, () => assert.match(expand(text).messages.join('\n'), expected));
  }

  it('says where each value is written', () => {
    const { places } = expand('~LST(A, aa, bb) $A');
    assert.deepEqual(places, ['t.conf:1:9', 't.conf:1:13']);
  });
});

describe('include', () => {
  it('puts the lines of a file in its place, each with its own position', () => {
    const { lines, places } = expand({ 't.conf': 'a\ninclude b.conf\nc', 'b.conf': '\n  b' });
    assert.deepEqual(lines, ['a', 'b', 'c']);
    assert.deepEqual(places, ['t.conf:1:1', 'b.conf:2:3', 't.conf:3:1']);
  });

  it('takes every file a pattern matches, in order of name, and each alternative in braces', () => {
    const files = {
      't.conf': 'include d/*.conf\ninclude {y,x}',
      'd/b.conf': 'b',
      'd/a.conf': 'a',
      x: 'x',
      y: 'y',
    };
    assert.deepEqual(expand(files).lines, ['a', 'b', 'y', 'x']);
  });

  it('works inside blocks, conditions and variables, and shares definitions', () => {
    const files = { 't.conf': '$F=b\ng {\n@d1 include ${F}\n@d2 include none\n}\nx $V', b: '$V=1\nb' };
    assert.deepEqual(expand(files), {
      lines: ['g {', 'b', '}', 'x 1'],
      places: ['t.conf:2:1', 'b:2:1', 't.conf:5:1', 't.conf:6:1'],
      messages: [],
    });
  });

  it('of a file that is being read is refused', () => {
    const { lines, messages } = expand({ 't.conf': 'a\ninclude b\nc', b: 'b\ninclude t.conf' });
    assert.deepEqual(lines, ['a', 'b', 'c']);
    assert.deepEqual(messages, ['b:2:1: error: include "t.conf": it is being read already']);
  });

  const missing: readonly (readonly [string, string, RegExp | undefined])[] = [
    ['a name: warning', 'include none', /^t\.conf:1:9: warning: include "none": none is no readable file/],
    ['a pattern: nothing', 'include none*', undefined],
    ['a name, includer: error', 'includer none', /^t\.conf:1:10: error: include "none"/],
    ['a pattern, includer: nothing', 'includer none*', undefined],
    ['a pattern, includem: error', 'includem none*', /error: include "none\*": nothing matches/],
    ['one pattern of two, includem: nothing', 'includem {none*,x*}', undefined],
    ['one pattern of two, includew: error', 'includew {none*,x*}', /error: .*nothing matches none\*/],
    ['one alternative, includeb: error', 'includeb {none*,x}', /error: .*nothing matches none\*/],
    ['a pattern, includea: error', 'includea none*', /error: /],
    ['nothing at all: error', 'include', /^t\.conf:1:8: error: include: expected the name of a file/],
    ['a pattern after include_check: error', 'include_check\ninclude none*', /^t\.conf:2:9: error: /],
    ['a pattern after include_check match: error', 'include_check match\ninclude none*', /error: /],
    ['a pattern after include_check readable: nothing', 'include_check readable\ninclude none*', undefined],
    [
      'a pattern after include_check -match: nothing',
      'include_check\ninclude_check -match -wildcard_match\ninclude none*',
      undefined,
    ],
  ];
  for (const [claim, text, expected] of missing) {
    it(`of a file that is not there by ${claim}`, () => {
      const { messages } = expand({ 't.conf': text, x: '' });
      if (expected === undefined) assert.deepEqual(messages, []);
      else assert.match(messages.join('\n'), expected);
    });
  }
});

describe('limits', () => {
  it('a line of 1023 bytes is read, one of 1024 is refused with its place', () => {
    assert.deepEqual(expand(`x ${'a'.repeat(1021)}`).messages, []);
    const { lines, messages } = expand(`ok\nx ${'a'.repeat(1022)}\nx ${'ä'.repeat(511)}\nok`);
    assert.deepEqual(lines, ['ok', 'ok']);
    assert.deepEqual(messages, [
      't.conf:2:1: error: line of 1024 bytes: expected at most 1023',
      't.conf:3:1: error: line of 1024 bytes: expected at most 1023',
    ]);
  });

  it('a NUL is refused with its place', () => {
    assert.deepEqual(expand('ab\0c').messages, ['t.conf:1:3: error: a NUL character in the line']);
  });

  it('a quote that nothing closes is refused with its place', () => {
    assert.deepEqual(expand('x\n  path "/a').messages, ['t.conf:2:8: error: no closing " on this line']);
  });

  it('loops that would never end stop with a message', () => {
    const { messages } = expand('~SEQ(A,1,100000000) ~SEQ(B,1,100000000) $C=1');
    assert.match(messages.join('\n'), /^t\.conf:1:\d+: error: more than 2000000 lines after expansion/);
  });

  it('a file that cannot be read is an error', () => {
    assert.match(expand({}).messages.join('\n'), /^t\.conf:1:1: error: cannot read t\.conf: no such file/);
  });
});
