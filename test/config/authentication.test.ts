/** What protects adverts, and what would not. */
import assert from 'node:assert/strict';
import { authenticationData } from '../../src/vrrp/packets/packet.js';
import { saidInstance } from '../support/vrrp-text.js';

const withPassword = (password: string) =>
  saidInstance(`authentication {\nauth_type PASS\nauth_pass ${password}\n}`);

describe('authentication', () => {
  it('refuses what would leave its adverts unprotected', () => {
    assert.match(
      saidInstance('auth_hmac { key 1 hex:00 }').messages.join(),
      /4:1: error: auth_hmac is not supported by lvsd/,
    );
    assert.match(
      saidInstance('authentication {\nauth_type AH\nauth_pass x\n}').messages.join(),
      /5:1: error: auth_type AH/,
    );
  });

  for (const [password, sent, cut] of [
    ['01234567', '3031323334353637', false],
    ['0123456789', '3031323334353637', true],
    ['passworß', '70617373776f72c3', true],
    ['pass€€', '70617373e282ace2', true],
    ['päßword', '70c3a4c39f776f72', true],
    ['äöüß', 'c3a4c3b6c3bcc39f', false],
  ] as const) {
    it(`sends the first eight bytes of ${password}, also where a character ends behind them, and never shows it`, () => {
      const { instance, messages } = withPassword(password);
      assert.equal(instance && Buffer.from(authenticationData(instance)).toString('hex'), sent);
      assert.deepEqual(messages, cut ? ['4:1: warning: auth_pass: only its first 8 bytes count'] : []);
    });
  }

  it('refuses a password that is no UTF-8, whose bytes are lost when the file is read', () => {
    const read = Buffer.from([0x70, 0xe4, 0x73]).toString('utf8');
    assert.deepEqual(withPassword(read).messages, ['4:1: error: auth_pass: expected UTF-8']);
  });
});
