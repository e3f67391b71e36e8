/** The kernel's setting is changed while a director hands over, and is then what it was. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPortReuse } from '../../src/processes/port-reuse.js';
import { createFakeClock } from '../support/fake-clock.js';
import { useFolder } from '../support/scripts.js';

describe('processes/port-reuse', () => {
  const folder = useFolder();
  let setting: string;
  let errors: string[];

  beforeEach(() => {
    setting = join(folder(), 'conn_reuse_mode');
    writeFileSync(setting, '1\n');
    errors = [];
  });

  const create = () => {
    const clock = createFakeClock();
    const made = createPortReuse({
      directory: folder(),
      clock,
      setting,
      onError: (text) => errors.push(text),
      onMended: () => {},
    });
    return { ...made, clock };
  };
  const value = () => readFileSync(setting, 'utf8').trim();

  it('is none while it hands over, and then as it was', () => {
    const { keepServers } = create();
    assert.equal(value(), '1');
    const end = keepServers();
    assert.equal(value(), '0');
    end();
    assert.equal(value(), '1');
  });

  it('is left alone where it is none already', () => {
    writeFileSync(setting, '0\n');
    create().keepServers()();
    assert.equal(value(), '0');
  });

  it('is left as another hand has set it meanwhile', () => {
    const end = create().keepServers();
    writeFileSync(setting, '3\n');
    end();
    assert.equal(value(), '3');
  });

  it('is put back at a stop in the midst of it, and nothing is left of it', async () => {
    const { keepServers, clock, end } = create();
    keepServers();
    await clock.advanceAsync(100);
    await end({ remove: true });
    assert.equal(value(), '1');
    assert.equal(existsSync(join(folder(), 'lvs-settings.json')), false);
  });

  it('leaves word of what it was to a successor', async () => {
    const { keepServers, clock, end } = create();
    keepServers();
    await clock.advanceAsync(100);
    await end({ remove: false });
    const saved = JSON.parse(readFileSync(join(folder(), 'lvs-settings.json'), 'utf8'));
    assert.deepEqual(saved.state, { [setting]: { before: '1', now: '0' } });
  });

  it('is no matter where the kernel has none', () => {
    setting = join(folder(), 'absent');
    create().keepServers()();
    assert.deepEqual(errors, []);
  });

  it('is said by name where it may not be changed', () => {
    setting = folder();
    create().keepServers()();
    assert.match(errors[0] ?? '', /^hand-over: .*: a client that uses a port again .* may be reset$/);
  });
});
