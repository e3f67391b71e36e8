/** Weights that cannot count, in sync groups and beside priority 255, are told of where they stand. */
import assert from 'node:assert/strict';
import type { InstanceConfig, SyncGroupConfig } from '../../src/vrrp/config.js';
import { trackersOf } from '../../src/vrrp/track/members.js';
import { load } from '../support/config.js';
import { instanceText } from '../support/vrrp-text.js';

const THINGS = `vrrp_script web { script /bin/true }
track_file load { file /run/load }
vrrp_track_process nginx { process nginx }
virtual_server 10.0.0.9 80 {
protocol TCP
lb_algo rr
lb_kind NAT
real_server 10.0.0.8 80 { }
}
`;

/** Each tracker without a weight, then with one: lines 5 to 10 of an instance, 2 to 7 of a group. */
const WEIGHTED = `track_interface { eth1 weight 5 }
track_script { web weight -20 }
track_file { load weight 3 }
track_process { nginx weight 7 reverse }
track_pool { 10.0.0.9 80 tcp weight -50 }`;
const UNWEIGHTED = `track_interface { eth1 }
track_script { web }
track_file { load weight 0 }
track_process { nginx }
track_pool { 10.0.0.9 80 tcp }`;

const group = (lines = '') => `vrrp_sync_group G { group { VI }\n${lines}\n}\n`;

/** What is said of a text, with lines counted from behind the things that are tracked. */
function said(text: string): readonly string[] {
  const above = THINGS.split('\n').length - 1;
  return load(THINGS + text).messages.map((message) =>
    message.replace(/^\d+/, (line) => `${Number(line) - above}`).replace(': warning', ''),
  );
}

function built(text: string): {
  readonly instance: InstanceConfig;
  readonly group: SyncGroupConfig | undefined;
} {
  const { config } = load(THINGS + text);
  return {
    instance: config?.vrrp?.instances[0] ?? assert.fail('no instance'),
    group: config?.vrrp?.syncGroups[0],
  };
}

describe('weights in a sync group', () => {
  it('do not count: an interface is a fault, the others are ignored', () => {
    const why = 'in vrrp_sync_group "G" it needs sync_group_tracking_weight';
    assert.deepEqual(said(instanceText(WEIGHTED) + group()), [
      `4:19: track_interface "eth1": failing is FAULT, its weight 5 cannot count: ${why}`,
      `5:16: track_script "web": ignored, its weight -20 cannot count: ${why}`,
      `6:14: track_file "load": ignored, its weight 3 cannot count: ${why}`,
      `7:17: track_process "nginx": ignored, its weight 7 cannot count: ${why}`,
      `8:14: track_pool "10.0.0.9 80 tcp": ignored, its weight -50 cannot count: ${why}`,
    ]);
  });

  for (const [claim, text] of [
    ['count with sync_group_tracking_weight', instanceText(WEIGHTED) + group('sync_group_tracking_weight')],
    ['count where the group has them', instanceText() + group(WEIGHTED)],
    ['are not missed where there are none', instanceText(UNWEIGHTED) + group()],
    [
      'count outside the group',
      instanceText(WEIGHTED) + instanceText('', { name: 'V2', id: 52 }) + group().replace('VI', 'V2'),
    ],
  ] as const)
    it(claim, () =>
      assert.deepEqual(
        said(text).filter((message) => !message.includes('not run')),
        [],
      ),
    );
});

describe('weights beside priority 255', () => {
  it('do not count: all of them are ignored', () => {
    const why = '"VI" has priority 255';
    assert.deepEqual(said(instanceText(`priority 255\n${WEIGHTED}`)), [
      `5:19: track_interface "eth1": ignored, its weight 5 cannot count: ${why}`,
      `6:16: track_script "web": ignored, its weight -20 cannot count: ${why}`,
      `7:14: track_file "load": ignored, its weight 3 cannot count: ${why}`,
      `8:17: track_process "nginx": ignored, its weight 7 cannot count: ${why}`,
      `9:14: track_pool "10.0.0.9 80 tcp": ignored, its weight -50 cannot count: ${why}`,
    ]);
  });

  it('those of its group are faults', () => {
    const why = 'failing is FAULT, its weight';
    const messages = said(instanceText('priority 255') + group(WEIGHTED));
    assert.deepEqual(
      messages.map((message) => message.split(' cannot')[0]),
      [
        `7:19: track_interface "eth1": ${why} 5`,
        `8:16: track_script "web": ${why} -20`,
        `9:14: track_file "load": ${why} 3`,
        `10:17: track_process "nginx": ${why} 7`,
        `11:14: track_pool "10.0.0.9 80 tcp": ${why} -50`,
      ],
    );
    for (const message of messages) assert.match(message, /cannot count: "VI" has priority 255$/);
  });

  it('without weights nothing is said', () =>
    assert.deepEqual(said(instanceText(`priority 255\n${UNWEIGHTED}`) + group(UNWEIGHTED)), []));
});

describe('a track_file of the usual weight', () => {
  for (const [where, text] of [
    ['in a sync group', instanceText('track_file { load }') + group()],
    ['beside priority 255', instanceText('track_file { load }\npriority 255')],
  ] as const) {
    it(`${where} is a fault at any number but 0, and that is told`, () => {
      const { instance, group: own } = built(text);
      const counted = trackersOf(instance, own && { ...own, hasOwner: false });
      assert.deepEqual(counted.files, [{ name: 'load', weight: 0, reverse: false }]);
      assert.match(said(text).join(), /track_file "load": failing is FAULT, its weight 1 cannot count/);
    });
  }

  it('elsewhere is added to the priority', () => {
    const { instance } = built(instanceText('track_file { load }'));
    assert.deepEqual(trackersOf(instance).files, [{ name: 'load', weight: 1, reverse: false }]);
  });
});
