/** The documentation's tables of keywords are those of the schema; `UPDATE_DOCS=1 npx mocha` writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/config/config.js';
import { keywordTables } from '../../src/config/document.js';
import { byName } from '../../src/config/keyword.js';
import { formatDiagnostic, loadConfig } from '../../src/config/load.js';
import { allBlocks } from '../../src/config/schema.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const document = join(root, 'docs/configuration.md');
const SECTION = /<!-- keywords (\S+) -->\n([\s\S]*?)<!-- end -->/g;

describe('docs/configuration.md', () => {
  const tables = keywordTables();
  const text = readFileSync(document, 'utf8');

  if (process.env.UPDATE_DOCS !== undefined) {
    const fresh = text.replace(
      SECTION,
      (_, name: string) => `<!-- keywords ${name} -->\n${tables.get(name) ?? ''}\n<!-- end -->`,
    );
    writeFileSync(document, fresh);
    return;
  }

  const found = [...text.matchAll(SECTION)].map(([, name = '', body = '']) => ({ name, body }));

  for (const { name, body } of found) {
    it(`has the keywords of ${name} as the schema has them`, () => {
      assert.equal(body.trim(), tables.get(name), 'run UPDATE_DOCS=1 npx mocha to write the tables anew');
    });
  }

  it('has a table for every block with keywords of its own', () => {
    const wanted = [...tables].filter(([, table]) => table.split('\n').length > 2).map(([name]) => name);
    assert.deepEqual(
      wanted.filter((name) => !found.some((section) => section.name === name)),
      [],
    );
  });
});

describe('the table of keywords', () => {
  it('says of each keyword what it does, in one line that fits a table', () => {
    for (const { block } of allBlocks()) {
      if ('lines' in block) continue;
      for (const { name, keyword } of byName(block.keywords).values()) {
        assert.match(keyword.doc, /^[\w"'][^\n|]+\.$/, `${name}: ${keyword.doc}`);
      }
    }
  });

  it('gives no name to two keywords of one block', () => {
    for (const { path, block } of allBlocks()) {
      if ('lines' in block) continue;
      const names = Object.entries(block.keywords).flatMap(([name, { aliases, deprecated }]) => [
        name,
        ...aliases,
        ...deprecated,
      ]);
      assert.equal(new Set(names).size, names.length, path.join('/'));
    }
  });
});

describe('etc', () => {
  function read(
    name: string,
    configId = 'any',
  ): { readonly config: Config | undefined; readonly text: string } {
    const file = join(root, 'etc', name);
    const { config, diagnostics } = loadConfig(file, { configId });
    assert.deepEqual(diagnostics.map(formatDiagnostic), []);
    return { config, text: readFileSync(file, 'utf8') };
  }

  it('minimal.conf is good', () => {
    assert.equal(read('minimal.conf').config?.checkers.length, 2);
  });

  it('lab.conf is good, on both directors', () => {
    for (const configId of ['d1', 'd2']) {
      const { config } = read('lab.conf', configId);
      assert.deepEqual(
        config?.virtualServers.map(({ realServers }) => realServers.length),
        [3, 3],
      );
      assert.deepEqual(
        config?.vrrp?.instances.map(({ priority }) => priority),
        [configId === 'd1' ? 150 : 100],
      );
    }
  });

  it('lvsd.conf is good, and uses every keyword lvsd supports', () => {
    const { text } = read('lvsd.conf');
    const used = new Set(text.replace(/#.*$/gm, '').match(/[\w-]+/g));
    const supported = allBlocks().flatMap(({ path, block }) => {
      if ('lines' in block || path.some(isUnsupported)) return [];
      return Object.entries(block.keywords).flatMap(([name, keyword]) =>
        keyword.support.kind === 'full' ? [name] : [],
      );
    });
    assert.ok(supported.length > 80);
    assert.deepEqual(
      supported.filter((name) => !used.has(name)),
      [],
    );
  });
});

/** Whether a block of that name is not supported as a whole. */
function isUnsupported(name: string): boolean {
  return allBlocks().some(({ block }) => {
    return (
      !('lines' in block) &&
      Object.hasOwn(block.keywords, name) &&
      block.keywords[name]?.support.kind !== 'full'
    );
  });
}
