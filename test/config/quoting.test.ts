import assert from 'node:assert/strict';
import { splitQuoted } from '../../src/config/quoting.js';
import { load, loadClean } from '../support/config.js';

function split(text: string, escapes = true): readonly string[] | string {
  const result = splitQuoted(text, { escapes });
  return 'fault' in result ? `${result.fault} at ${result.at}` : result.words.map((word) => word.text);
}

describe('splitQuoted', () => {
  const cases: readonly (readonly [string, string, readonly string[] | string])[] = [
    ['quotes within a word vanish', 'abcd" efg h jkl "mnop', ['abcd efg h jkl mnop']],
    ['quotes of their own make a word', 'abcd "efg h jkl" mnop', ['abcd', 'efg h jkl', 'mnop']],
    ['one kind protects the other', `'a "b" c' "d 'e'"`, ['a "b" c', "d 'e'"]],
    ['a backslash protects a quote', 'a\\"b', ['a"b']],
    ['a backslash protects a blank', 'a\\ b', ['a b']],
    ['the letters have their meaning', '\\a\\b\\E\\f\\n\\r\\t\\v', ['\x07\b\x1b\f\n\r\t\v']],
    ['octal has up to three digits', '\\1013\\7', ['A3\x07']],
    ['hexadecimal has up to two', '\\x413\\x4', ['A3\x04']],
    ['c makes a control character', '\\cA\\cz\\c[', ['\x01\x1a\x1b']],
    ['other characters stand for themselves', '\\q\\\\', ['q\\']],
    ['an empty pair is an empty word', 'a "" b', ['a', '', 'b']],
    ['an open quote is a fault', 'a "b', 'no closing " at 2'],
    ['a last backslash is a fault', 'a\\', 'a backslash ends the text at 1'],
  ];
  for (const [claim, text, expected] of cases) it(claim, () => assert.deepEqual(split(text), expected));

  it('keeps backslashes for a second reading when told to', () => {
    assert.deepEqual(split('"a \\"b\\" \\n" c', false), ['a \\"b\\" \\n', 'c']);
  });
});

const service = (line: string) => `
virtual_server 10.0.0.1 80 {
  lb_algo rr
  lb_kind NAT
  protocol TCP
  ${line}
  real_server 10.0.0.2 80 { }
}`;

describe('scripts', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ['a bare path', 'quorum_up /bin/up', { argv: ['/bin/up'] }],
    ['arguments in quotes', 'quorum_up "/bin/up  a b"', { argv: ['/bin/up', 'a', 'b'] }],
    ['an argument with blanks', `quorum_up "/bin/up 'a b' c"`, { argv: ['/bin/up', 'a b', 'c'] }],
    ['the other way round', `quorum_up '/bin/up "a b"'`, { argv: ['/bin/up', 'a b'] }],
    ['an escape in an argument', `quorum_up "/bin/up a\\tb"`, { argv: ['/bin/up', 'a\tb'] }],
    ['comment characters in quotes', 'quorum_up "/bin/up #1 !2" # three', { argv: ['/bin/up', '#1', '!2'] }],
    ['a user', 'quorum_up /bin/up www', { argv: ['/bin/up'], user: 'www' }],
    ['a user and a group', 'quorum_up /bin/up www adm', { argv: ['/bin/up'], user: 'www', group: 'adm' }],
    ['with a colon', 'quorum_up /bin/up www:adm', { argv: ['/bin/up'], user: 'www', group: 'adm' }],
    ['with a lone colon', 'quorum_up /bin/up www : adm', { argv: ['/bin/up'], user: 'www', group: 'adm' }],
    ['braces in quotes', 'quorum_up "/bin/up {}"', { argv: ['/bin/up', '{}'] }],
  ];
  for (const [claim, line, expected] of cases) {
    it(claim, () => assert.deepEqual(loadClean(service(line)).virtualServers[0]?.quorumUp, expected));
  }

  it('run as script_user unless they name somebody', () => {
    const text = `global_defs { script_user lb:adm }\n${service('quorum_up /bin/up\nquorum_down /bin/down www')}`;
    const [virtualServer] = loadClean(text).virtualServers;
    assert.deepEqual(virtualServer?.quorumUp, { argv: ['/bin/up'], user: 'lb', group: 'adm' });
    assert.deepEqual(virtualServer?.quorumDown, { argv: ['/bin/down'], user: 'www' });
  });

  it('run as the script user of the machine when the file names none', () => {
    const machine = { hostName: 'host', scriptUser: { user: 'keepalived_script' } };
    const [virtualServer] = loadClean(service('quorum_up /bin/up'), { machine }).virtualServers;
    assert.equal(virtualServer?.quorumUp?.user, 'keepalived_script');
  });

  const faults: readonly (readonly [string, string, RegExp])[] = [
    [
      'without a command',
      'quorum_up',
      /^6:12: error: quorum_up: its argument is missing: expected a command/,
    ],
    ['with an empty command', 'quorum_up ""', /^6:13: error: quorum_up "": expected a command/],
    [
      'with unquoted arguments',
      'quorum_up /bin/up -v x',
      /^6:21: error: quorum_up "-v": expected USER \[GROUP\] after/,
    ],
    [
      'with too many words',
      'quorum_up /bin/up a b c',
      /^6:25: error: quorum_up "c": expected USER \[GROUP\]/,
    ],
    [
      'with an open quote inside',
      `quorum_up "/bin/up 'a"`,
      /^6:13: error: quorum_up "\/bin\/up 'a": no closing '/,
    ],
  ];
  for (const [claim, line, expected] of faults) {
    it(`are refused ${claim}`, () => assert.match(load(service(line)).messages.join('\n'), expected));
  }

  it('given twice: the first counts', () => {
    const { config, messages } = load(service('quorum_up /bin/a\n  quorum_up /bin/b'));
    assert.deepEqual(config?.virtualServers[0]?.quorumUp?.argv, ['/bin/a']);
    assert.deepEqual(messages, ['7:3: warning: quorum_up is given twice: the one of line 6 counts']);
  });
});
