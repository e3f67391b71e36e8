/** Rules without a priority: which one each gets. */
import assert from 'node:assert/strict';
import { load, loadClean } from '../support/config.js';
import { instanceText } from '../support/vrrp-text.js';

describe('rules without a priority', () => {
  const rules = (...lines: readonly string[]) => `virtual_rules {\n${lines.join('\n')}\n}`;
  const said = (priority: number) =>
    `warning: rule: without a priority it has ${priority}, which comes before such rules above it`;

  it('are numbered from 16384 downwards in the order of the file, virtual and static ones, and each is told of', () => {
    const { config, messages } = load(
      `${instanceText(rules('from 10.1.0.0/16 table 1', 'table 2 priority 5', 'from 10.3.0.0/16 table 3'))}static_rules {
from 10.4.0.0/16 blackhole
}
${instanceText(rules('from 10.5.0.0/16 table 5'), { name: 'VI_2', id: 52 })}static_rules { table 6 }\n`,
    );
    const { instances = [], staticRules = [] } = config?.vrrp ?? {};
    const virtual = instances.map(({ virtualRules }) => virtualRules.map(({ priority }) => priority));
    assert.deepEqual(virtual, [[16_384, 5, 16_383], [16_381]]);
    assert.deepEqual(
      staticRules.map(({ priority }) => priority),
      [16_382, 16_380],
    );
    assert.deepEqual(messages, [
      `5:1: ${said(16_384)}`,
      `7:1: ${said(16_383)}`,
      `11:1: ${said(16_382)}`,
      `17:1: ${said(16_381)}`,
      `20:16: ${said(16_380)}`,
    ]);
  });

  it('of each family are numbered for themselves', () => {
    const { config } = load(
      'static_rules {\nfrom 10.1.0.0/16 table 1\nfrom fd01::/64 table 1\ninet6 table 2\ntable 2\n}',
    );
    assert.deepEqual(
      config?.vrrp?.staticRules.map(({ family, priority }) => [family, priority]),
      [
        ['ipv4', 16_384],
        ['ipv6', 16_384],
        ['ipv6', 16_383],
        ['ipv4', 16_383],
      ],
    );
  });

  it('cannot lead on: goto says where to, and goes forwards only', () => {
    assert.deepEqual(load('static_rules {\nfrom 10.1.0.0/16 goto 20000\n}').messages, [
      '2:1: error: rule: expected a priority where goto leads on',
    ]);
    const text = 'static_rules {\nfrom 10.1.0.0/16 goto 20000 priority 0\n}';
    assert.equal(loadClean(text).vrrp?.staticRules[0]?.priority, 0);
  });
});
