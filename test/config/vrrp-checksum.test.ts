/** v3_checksum_as_v2: what lvsd and a keepalived make of one file. */
import assert from 'node:assert/strict';
import { load } from '../support/config.js';
import { cleanInstance, instanceText } from '../support/vrrp-text.js';

describe('v3_checksum_as_v2 in global_defs', () => {
  const said = (line: string) => {
    const { config, messages } = load(`global_defs {\n${line}\n}\n${instanceText('version 3')}`);
    return [config?.vrrp?.instances[0]?.v3ChecksumAsV2, messages];
  };

  it('off is off, and keepalived takes it for on', () =>
    assert.deepEqual(said('v3_checksum_as_v2 off'), [
      false,
      ['2:1: warning: v3_checksum_as_v2: off is on for a keepalived that reads this: leave the line out'],
    ]));

  for (const line of ['v3_checksum_as_v2', 'v3_checksum_as_v2 on'])
    it(`"${line}" is on`, () => assert.deepEqual(said(line), [true, []]));

  it('off of an instance is off for both', () =>
    assert.equal(cleanInstance('version 3\nv3_checksum_as_v2 off').v3ChecksumAsV2, false));
});
