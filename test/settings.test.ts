import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../src/settings.js';

const lvsd = fileURLToPath(new URL('../../bin/lvsd', import.meta.url));

describe('settings', () => {
  it('are those of the command line, then of the environment', () => {
    const environment = { LVSD_FILE: '/a', LVSD_STATE_DIR: '/b', LVSD_LOG_LEVEL: 'warn' };
    assert.deepEqual(readSettings({ file: '/c' }, environment), {
      file: '/c',
      stateDir: '/b',
      configId: '',
      logLevel: 'warn',
      logFormat: 'auto',
    });
  });

  it('a wrong one is a line that says what it may be', () => {
    const environment = { LVSD_LOG_LEVEL: 'loud', LVSD_LOG_FORMAT: '' };
    assert.throws(() => readSettings({}, environment), {
      message:
        'LVSD_LOG_LEVEL "loud": expected one of fatal, error, warn, info, debug, trace\n' +
        'LVSD_LOG_FORMAT "": expected one of auto, text, journal, json',
    });
  });

  for (const command of ['run', 'status'])
    it(`lvsd ${command} with a wrong one ends with 2 and that line, and nothing has begun`, () => {
      const env = { ...process.env, LVSD_LOG_LEVEL: 'loud', LVSD_STATE_DIR: '/no/such/place' };
      const { status, stderr } = spawnSync(process.execPath, [lvsd, command], { env, encoding: 'utf8' });
      assert.equal(stderr, 'LVSD_LOG_LEVEL "loud": expected one of fatal, error, warn, info, debug, trace\n');
      assert.equal(status, 2);
    });
});
