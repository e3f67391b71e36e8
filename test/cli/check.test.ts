import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sinon from 'sinon';
import { check } from '../../src/cli/check.js';

const HEAD = `virtual_server 10.0.0.1 80 {
  real_server 10.0.0.2 80 {
  }
  protocol TCP
  lb_kind NAT
`;

describe('lvsd check', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-check-'));
    file = join(folder, 'lvsd.conf');
  });

  afterEach(() => {
    sinon.restore();
    rmSync(folder, { recursive: true });
  });

  function checked(
    text: string,
    configId?: string,
  ): { readonly code: number; readonly lines: readonly string[] } {
    writeFileSync(file, text);
    const printed = sinon.stub(console, 'log');
    const code = check({ file, ...(configId !== undefined && { configId }) });
    printed.restore();
    return { code, lines: printed.args.map(([line]) => String(line).replaceAll(file, 'FILE')) };
  }

  it('prints nothing for a right file and exits 0', () => {
    assert.deepEqual(checked(`${HEAD}  lb_algo wlc\n}\n`), {
      code: 0,
      lines: [],
    });
  });

  it('warns of what it does not know, and exits 0', () => {
    const { code, lines } = checked(`${HEAD}  lb_algo wlc\n  quorom 1\n}\n`);
    assert.equal(code, 0);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^FILE:7:3: warning: .*quorom.*quorum/);
  });

  it('names every error at its place, and exits 1', () => {
    const { code, lines } = checked(`${HEAD}  lb_algo rrr\n  quorum x\n}\n`);
    assert.equal(code, 1);
    assert.deepEqual(
      lines.map((line) => /^FILE:\d+:\d+: error/.exec(line)?.[0]),
      ['FILE:6:11: error', 'FILE:7:10: error'],
    );
  });

  it('takes the @ID lines of the id it is given', () => {
    const text = `${HEAD}@high lb_algo rrr\n@low lb_algo wlc\n}\n`;
    assert.equal(checked(text, 'low').code, 0);
    const { code, lines } = checked(text, 'high');
    assert.equal(code, 1);
    assert.match(lines[0] ?? '', /^FILE:6:\d+: error: .*rrr/);
  });

  const nothing = /^FILE:1:1: error: nothing to do in FILE: neither virtual_server nor vrrp_instance$/;
  const idle = [
    ['an empty file', ''],
    ['settings alone', 'global_defs {\n  router_id lb1\n}\nvrrp_script x { script /bin/true }\n'],
    ['lines for another director alone', '@other static_ipaddress {\n@other 192.0.2.1 dev lo\n@other }\n'],
    ['what is no configuration', 'root:x:0:0:root:/root:/bin/bash\nbin:x:1:1::/bin:/sbin/nologin\n'],
  ] as const;
  for (const [what, text] of idle) {
    it(`${what}: there is nothing to do, exit 1`, () => {
      const { code, lines } = checked(text, 'this');
      assert.equal(code, 1);
      const errors = lines.filter((line) => line.includes(': error: '));
      assert.equal(errors.length, 1, lines.join('\n'));
      assert.match(errors[0] ?? '', nothing);
    });
  }

  it('static addresses, routes or rules are something to do', () => {
    for (const block of [
      'static_ipaddress {\n  192.0.2.1/24 dev lo\n}\n',
      'static_routes {\n  192.0.2.0/24 dev lo\n}\n',
      'static_rules {\n  from 192.0.2.0/24 table 100 priority 100\n}\n',
    ]) {
      assert.deepEqual(checked(block), { code: 0, lines: [] });
    }
  });

  it('what is wrong with the only virtual_server is said, and not that there is none', () => {
    const { lines } = checked('virtual_server 10.0.0.1 notaport {\n}\n');
    assert.ok(lines.length > 0);
    assert.doesNotMatch(lines.join('\n'), /nothing to do/);
  });

  it('says of a file that is not there that it is not, and exits 1', () => {
    file = join(folder, 'none.conf');
    const printed = sinon.stub(console, 'log');
    assert.equal(check({ file }), 1);
    assert.match(String(printed.firstCall.args[0]), /none\.conf/);
    assert.equal(printed.callCount, 1);
  });
});
