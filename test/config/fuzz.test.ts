// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations write ${NAME} themselves
/** Hostile configurations: whatever a file holds, reading it ends, throws nothing, and every message has a place. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadFiles } from '../support/config.js';

const PIECES = [
  'virtual_server 10.0.0.1 80',
  'virtual_server fwmark 1',
  'virtual_server group G',
  'virtual_server_group G',
  'real_server 10.0.0.2 80',
  'TCP_CHECK',
  'HTTP_GET',
  'SSL_GET',
  'PING_CHECK',
  'MISC_CHECK',
  'url',
  'global_defs',
  'vrrp_instance A',
  'static_rules',
  'SSL',
  '{',
  '}',
  '{ }',
  '"',
  "'",
  '\\',
  '#',
  '!',
  '\0',
  '\r',
  '\t',
  '  ',
  '@d1 ',
  '@^d1 ',
  '@',
  '$A',
  '${A}',
  '${',
  '$A=',
  '$A= \\',
  '$B=${A}${A}',
  '~SEQ(A,1,3) ',
  '~SEQ(',
  '~SEQx(B,1,0x10,99) ',
  '~LST({A,B},{1,2}) ',
  '~LST(',
  'include b',
  'include {b,c}*',
  'include t.conf',
  'includea [',
  'weight 1',
  'weight',
  'weight -1',
  'weight 99999999999999999999',
  'quorum 3',
  'hysteresis 1',
  'lb_algo rr',
  'lb_kind TUN type gue port 5',
  'protocol TCP',
  'persistence_granularity 255.0.0.0',
  'persistence_timeout',
  'quorum_up "a \'b" c d',
  'notify_up "\\x4"',
  'sorry_server 10.0.0.9',
  'sorry_server_inhibit',
  'uthreshold 1',
  'lthreshold 2',
  'path /',
  'regex "(a*)*[[:x:]]\\\\1(?"',
  'regex_options utf ucp',
  'status_code 200-100',
  'digest x',
  'connect_ip ::1',
  'delay_loop .',
  '10.0.0.0-255 80',
  '10.0.0.0/24',
  'ae00::2-9',
  'fwmark 1 inet6',
  'from 1.2.3./4',
  '__proto__',
  'constructor',
  'x'.repeat(1100),
  'ü\ud800',
  '\u2028',
];

const line = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  ),
  {
    maxLength: 5,
  },
);
const file = fc
  .array(line, { maxLength: 40 })
  .map((lines) => lines.map((words) => words.join(' ')).join('\n'));

describe('hostile configurations', () => {
  it('are read to the end, and every message has a file, a line and a column', () => {
    fc.assert(
      fc.property(file, file, (text, other) => {
        const { config, messages } = loadFiles({ 't.conf': text, b: other });
        const errors = messages.filter((message) => message.includes(' error: '));
        assert.equal(config === undefined, errors.length > 0);
        for (const message of messages) assert.match(message, /^(?:b:)?\d+:\d+: (?:error|warning): .*\S/s);
      }),
      { numRuns: 700 },
    );
  });

  it('of any characters are read to the end', () => {
    const noise = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(noise, noise, (text, other) => {
        loadFiles({ 't.conf': text, b: other });
      }),
      { numRuns: 700 },
    );
  });

  it('with a hundred thousand braces are read to the end', () => {
    assert.ok(loadFiles({ 't.conf': '{\n'.repeat(100_000) }).messages.length > 0);
    assert.ok(loadFiles({ 't.conf': 'a {\n'.repeat(100_000) }).messages.length > 0);
    assert.ok(loadFiles({ 't.conf': '}\n'.repeat(100_000) }).messages.length <= 1001);
  });

  it('say no more than a person reads, and then how much more there is', () => {
    const { messages } = loadFiles({ 't.conf': 'foo\n'.repeat(5000) });
    assert.equal(messages.length, 1001);
    assert.match(messages.at(-1) ?? '', /^1001:1: warning: .*\(and 3999 more of such messages\)$/);
  });

  it('with errors after a thousand warnings are refused all the same', () => {
    const { config, messages } = loadFiles({
      't.conf': `${'foo\n'.repeat(5000)}global_defs { lvs_timeouts x }`,
    });
    assert.equal(config, undefined);
    assert.match(messages.at(-1) ?? '', /^5001:\d+: error: lvs_timeouts "x"/);
  });
});
