/** The claims of test/support/ipvs-cases.ts against a real kernel, and its counters under real traffic. */
import assert from 'node:assert/strict';
import type { ServiceStatus } from '../../../src/ipvs/table.js';
import { CASES } from '../../support/ipvs-cases.js';
import type { KernelResult } from '../../support/ipvs-kernel-run.js';
import { useLab } from '../lab.js';

const NODE = [process.execPath, '--enable-source-maps'];

describe('IPVS in a real kernel', function () {
  this.timeout(360_000);
  const lab = useLab('vm', { hosts: ['client', 'd1', 'rs1'] });
  let results: ReadonlyMap<string, KernelResult>;

  before(async () => {
    const program = [...NODE, 'dist/test/support/ipvs-kernel-run.js'];
    const output = await lab().host('d1').output(program, { timeoutMs: 240_000 });
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as KernelResult);
    results = new Map(lines.map((result) => [result.name, result]));
  });

  for (const { name } of CASES) {
    it(name, () => {
      const result = results.get(name);
      assert.ok(result, 'was not run');
      assert.equal(result.error, undefined, result.error);
    });
  }

  it('reads the counters that connections leave', async () => {
    const d1 = lab().host('d1');
    await d1.output(['ipvsadm', '-A', '-t', '10.0.0.100:80', '-s', 'rr']);
    await d1.output(['ipvsadm', '-a', '-t', '10.0.0.100:80', '-r', '10.0.0.11', '-g']);
    const urls = new Array<string>(5).fill('http://10.0.0.100/');
    await lab()
      .host('client')
      .output(['curl', '-sS', '--no-keepalive', '-H', 'Connection: close', ...urls]);
    // The kernel sums its counters up every 2 s.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const table = JSON.parse(
      await d1.output([...NODE, 'dist/test/support/ipvs-print.js']),
    ) as ServiceStatus[];
    const [service] = table;
    const [destination] = service?.destinations ?? [];
    assert.equal(Number(service?.counters.connections), 5);
    assert.equal(Number(destination?.counters.connections), 5);
    assert.equal((destination?.inactiveConnections ?? 0) + (destination?.activeConnections ?? 0), 5);
    const stats = await d1.output(['ipvsadm', '-Ln', '--stats', '--exact']);
    const { inPackets, outPackets, inBytes, outBytes } = destination?.counters ?? {};
    assert.match(stats, new RegExp(`10.0.0.11:80 +5 +${inPackets} +${outPackets} +${inBytes} +${outBytes}`));
    assert.ok(Number(inBytes) > 500);
  });
});
