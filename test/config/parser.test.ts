import assert from 'node:assert/strict';
import { load, loadClean } from '../support/config.js';

const HEAD = 'virtual_server 10.0.0.1 80 { lb_algo rr\n lb_kind NAT\n protocol TCP\n';

describe('blocks', () => {
  const same: readonly (readonly [string, string])[] = [
    ['braces on lines of their own', `${HEAD}real_server 10.0.0.2 80\n{\nweight 3\n}\n}`],
    ['a block on one line', `${HEAD}real_server 10.0.0.2 80 { weight 3 } }`],
    ['braces without blanks', `${HEAD}real_server 10.0.0.2 80{weight 3}}`],
    ['a keyword right after a brace', `${HEAD}real_server 10.0.0.2 80 { weight 3\n} }`],
    ['comments between keyword and brace', `${HEAD}real_server 10.0.0.2 80 # {\n! }\n{ weight 3 }\n}`],
    ['CRLF line ends', `${HEAD}real_server 10.0.0.2 80 {\nweight 3\n}\n}\n`.replaceAll('\n', '\r\n')],
    ['no line end at the end', `${HEAD}real_server 10.0.0.2 80 {\nweight 3\n}\n}`],
  ];
  for (const [claim, text] of same) {
    it(`may be written with ${claim}`, () => {
      assert.equal(loadClean(text).virtualServers[0]?.realServers[0]?.weight, 3);
    });
  }

  const faults: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a missing opening brace is said where it belongs, and what follows is read as the block',
      `${HEAD}real_server 10.0.0.2 80\nweight x\n}\n}`,
      [
        "4:24: error: real_server: expected '{' here",
        '5:8: error: weight "x": expected a whole number between 0 and 2147483647',
      ],
    ],
    [
      'a missing closing brace is said where its block opens',
      `${HEAD}real_server 10.0.0.2 80 {\nweight 3\n}\n`,
      ["1:28: error: missing '}': virtual_server is never closed"],
    ],
    [
      'a closing brace too many is said',
      'global_defs { }\n}\n',
      ["2:1: error: unexpected '}': no block is open"],
    ],
    [
      'a brace out of nowhere is said, and its block passed over',
      '{\nfoo\n}\nglobal_defs { router_id a }\n',
      ["1:1: error: unexpected '{': no keyword stands before it"],
    ],
    [
      'a block after a keyword that has none is said',
      'global_defs { router_id a {\n foo\n }\n}\n',
      ["1:27: error: unexpected '{': router_id has no block"],
    ],
    [
      'a block keyword at the very end is said',
      'global_defs',
      ["1:12: error: global_defs: expected '{' here"],
    ],
  ];
  for (const [claim, text, expected] of faults)
    it(claim, () => assert.deepEqual(load(text).messages, expected));
});

describe('messages', () => {
  it('are said once, however often a loop comes by', () => {
    const { messages } = load('$A= \\\n foo\n~SEQ(N,1,50) $A');
    assert.equal(messages.length, 1);
  });

  it('about text from a variable say where it is written and where it is used', () => {
    const { messages } = load('$W=foo\nglobal_defs {\n  $W\n}');
    assert.deepEqual(messages, ['1:4: warning: unknown keyword "foo" (ignored) (from $W at t.conf:3:3)']);
  });
});

describe('unknown keywords', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'are passed over with the nearest known name',
      'global_defs { ruoter_id a }',
      ['1:15: warning: unknown keyword "ruoter_id": did you mean router_id? (ignored)'],
    ],
    [
      'take their block with them',
      'globaldefs {\n router_id a\n x { y z }\n}\nglobal_defs { }',
      ['1:1: warning: unknown keyword "globaldefs": did you mean global_defs? (ignored with its block)'],
    ],
    [
      'are only named when nothing is near',
      'frobnicate 1',
      ['1:1: warning: unknown keyword "frobnicate" (ignored)'],
    ],
    [
      'that belong elsewhere are said to',
      `${HEAD}real_server 10.0.0.2 80 {\n lb_kind DR\n}\n}`,
      ['5:2: warning: unknown keyword "lb_kind" in this place: it belongs in virtual_server (ignored)'],
    ],
    [
      'are suggested only from what may stand there',
      'global_defs { weigth 1 }',
      ['1:15: warning: unknown keyword "weigth" (ignored)'],
    ],
  ];
  for (const [claim, text, expected] of cases)
    it(claim, () => assert.deepEqual(load(text).messages, expected));

  it('named like parts of JavaScript objects are unknown like any other', () => {
    const { messages } = load('constructor 1\n__proto__ { a }\ntoString\nhasOwnProperty x');
    assert.equal(messages.filter((message) => /warning: unknown keyword/.test(message)).length, 4);
  });

  it('that open a block inside a real server are errors, since they may be its check', () => {
    const { config, messages } = load(`${HEAD}real_server 10.0.0.2 80 {\n TCP_CHEK {\n }\n}\n}`);
    assert.equal(config, undefined);
    assert.deepEqual(messages, [
      '5:2: error: unknown keyword "TCP_CHEK": did you mean TCP_CHECK? (without its check the server would count as always up)',
    ]);
  });
});
