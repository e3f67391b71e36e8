// biome-ignore-all lint/suspicious/noTemplateCurlyInString: configurations write ${NAME} themselves
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandBraces, matchesName } from '../../src/config/glob.js';
import { loadConfig } from '../../src/config/load.js';
import { fileReader } from '../../src/config/reader.js';

describe('expandBraces', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a', ['a']],
    ['a{b,c}d', ['abd', 'acd']],
    ['{foo/{,cat,dog},bar}', ['foo/', 'foo/cat', 'foo/dog', 'bar']],
    ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd']],
    ['{a}', ['{a}']],
    ['{a', ['{a']],
    ['a}', ['a}']],
    ['{}', ['{}']],
  ];
  for (const [pattern, expected] of cases) {
    it(`writes ${pattern} out`, () => assert.deepEqual(expandBraces(pattern), expected));
  }

  it('is bounded', () => {
    assert.equal(expandBraces('{a,b}'.repeat(100)).length, 4096);
  });
});

describe('matchesName', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*.conf', 'a.conf', true],
    ['*.conf', '.conf', false],
    ['.*', '.conf', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[ab]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[]]x', ']x', true],
    ['[x', '[x', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['*', 'ä', true],
  ];
  for (const [pattern, name, expected] of cases) {
    it(`${pattern} ${expected ? 'matches' : 'does not match'} ${name}`, () => {
      assert.equal(matchesName(pattern, name), expected);
    });
  }

  it('takes no time over many stars', () => {
    assert.equal(matchesName('*a'.repeat(50), 'a'.repeat(49)), false);
  });
});

describe('fileReader', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-config-'));
    mkdirSync(join(folder, 'conf.d'));
    mkdirSync(join(folder, 'conf.d', 'x.conf'));
    for (const name of ['b.conf', 'a.conf', 'run.conf', 'c.txt'])
      writeFileSync(join(folder, 'conf.d', name), name);
    chmodSync(join(folder, 'conf.d', 'run.conf'), 0o755);
    writeFileSync(join(folder, 'main.conf'), 'global_defs {\ninclude conf.d/a.inc\n}\n');
    writeFileSync(join(folder, 'conf.d', 'a.inc'), 'include b.inc\n');
    writeFileSync(join(folder, 'conf.d', 'b.inc'), 'router_id ${_PWD}\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('lists plain files in order of name, no directories, nothing executable', () => {
    const main = join(folder, 'main.conf');
    const expected = ['a.conf', 'b.conf'].map((name) => join(folder, 'conf.d', name));
    assert.deepEqual(fileReader.list('conf.d/*.conf', main), expected);
    assert.deepEqual(fileReader.list(join(folder, 'c*', '[ab].conf'), main), expected);
    assert.deepEqual(fileReader.list('none/*', main), []);
    assert.deepEqual(fileReader.list('conf.d/none', main), []);
  });

  it('says why a file cannot be read', () => {
    assert.match(JSON.stringify(fileReader.read(join(folder, 'none'))), /ENOENT/);
    assert.match(JSON.stringify(fileReader.read(folder)), /EISDIR/);
  });

  it('follows includes relative to the file they stand in', () => {
    const { config, diagnostics } = loadConfig(join(folder, 'main.conf'), { piece: true });
    assert.deepEqual(diagnostics, []);
    assert.equal(config?.global.routerId, join(folder, 'conf.d'));
  });

  it('never reads without end', () => {
    assert.match(JSON.stringify(fileReader.read('/dev/zero')), /larger than/);
  });
});
