/** What a process asks for itself, seen from outside. Each in a process of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const SETTLE = new URL('../../../../src/net/process.js', import.meta.url).href;

/** Runs code in a fresh process with `settleProcess` at hand: what it prints, as data. */
function inProcess(code: string): Record<string, unknown> {
  const script = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { spawnSync } from 'node:child_process';
    import { settleProcess } from '${SETTLE}';
    const run = (line) => spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout.trim();
    const status = (name) => readFileSync('/proc/self/status', 'utf8').match(new RegExp(name + ':\\\\s*(.*)'))[1];
    console.log(JSON.stringify((() => { ${code} })()));`;
  const argv = ['--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

describe('process settings in a real kernel', () => {
  it('real-time priority for every thread, none for children; nice, CPUs', () => {
    const got = inProcess(`
      const refused = settleProcess({ rtPriority: 10, nice: -5, cpuAffinity: [0] });
      const threads = run('chrt -a -p ' + process.pid).split('\\n').filter((line) => /policy/.test(line));
      return {
        refused: refused.map(String),
        realTime: threads.filter((line) => /SCHED_RR/.test(line)).length === threads.length && threads.length > 1,
        child: run('chrt -p $$ | head -1'),
        cpus: run('cat /proc/' + process.pid + '/task/*/status | grep Cpus_allowed_list | sort -u | cut -f 2'),
      };`);
    assert.deepEqual([got.refused, got.realTime, got.cpus], [[], true, '0']);
    assert.match(String(got.child), /SCHED_OTHER/);
  });

  it('nice alone, for every thread', () => {
    const got = inProcess(`
      const refused = settleProcess({ nice: -5 });
      return { refused: refused.map(String), nice: run('ps -L -o ni= -p ' + process.pid + ' | sort -u') };`);
    assert.deepEqual(got, { refused: [], nice: '-5' });
  });

  it('code that is used is locked; a heap that grows, shrinks and compiles lives on', () => {
    const got = inProcess(`
      const before = Number.parseInt(status('VmRSS'));
      const refused = settleProcess({ noSwap: true });
      const grownKb = Number.parseInt(status('VmRSS')) - before;
      for (let round = 0; round < 20; round += 1) {
        const garbage = Array.from({ length: 200_000 }, (_, i) => ({ i, text: 'x' + i }));
        const compiled = Array.from({ length: 200 }, (_, i) => new Function('a', 'return a + ' + (round * 200 + i)));
        for (const each of compiled) for (let i = 0; i < 500; i += 1) each(garbage[i].i);
      }
      return { refused: refused.map(({ code }) => code), locked: Number.parseInt(status('VmLck')) > 10_000, grownKb };`);
    assert.equal(got.locked, true);
    assert.ok(
      (got.refused as string[]).every((code) => code === 'ENOTSUP'),
      String(got.refused),
    );
    assert.ok(Number(got.grownKb) < 32_768, `${got.grownKb} kB`);
  });

  it('nothing stays locked that was, nor what the stack took since', () => {
    const got = inProcess(`
      const locked = () => Number.parseInt(status('VmLck'));
      settleProcess({ noSwap: true });
      const at = locked();
      const deep = (n) => (n === 0 ? 0 : 1 + deep(n - 1));
      deep(5000);
      const grown = locked();
      const refused = settleProcess({ noSwap: false });
      return { refused: refused.map(String), had: at > 10_000, grew: grown > at, left: locked() };`);
    assert.deepEqual(got, { refused: [], had: true, grew: true, left: 0 });
  });

  it('a limit on real-time use is a soft one: SIGXCPU can be handled', () => {
    const got = inProcess(`
      const refused = settleProcess({ rlimitRttimeUs: 200000 });
      return { refused: refused.map(String), limit: run('prlimit --rttime -o SOFT,HARD --noheadings -p ' + process.pid) };`);
    assert.deepEqual(got.refused, []);
    assert.match(String(got.limit), /^200000\s+unlimited$/);
  });

  it('where it may not, it says so in words and runs on', () => {
    // It becomes nobody when all is loaded: nobody may not read everywhere a checkout can be.
    const got = inProcess(`
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
      return settleProcess({ rtPriority: 10, nice: -20 }).map(String);`) as unknown as string[];
    assert.equal(got.length, 2);
    assert.match(got[0] ?? '', /^set nice value "-20": E(PERM|ACCES): /);
    assert.match(got[1] ?? '', /^set real-time priority "10": EPERM: operation not permitted/);
  });
});
