/** no_accept: the virtual addresses are there for what IPVS serves, and for nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../lab/daemon.js';
import { root } from '../../../lab/paths.js';
import { serving } from '../../../lab/serving.js';
import { ADDRESS, VIP } from '../../../lab/topology.js';
import { Watch } from '../../../lab/watch.js';
import { useLab } from '../lab.js';

const SOON_MS = 120_000;
const FILE = '/run/lvsd.conf';
const POOL = ['rs1', 'rs2', 'rs3'] as const;
// curl(1), EXIT CODES
const CURL_REFUSED = 7;
const CURL_TIMED_OUT = 28;

describe('no_accept in front of IPVS', function () {
  this.timeout(SOON_MS * 3);
  const lab = useLab('vm', { vips: false });

  before(async () => {
    const sample = readFileSync(join(root, 'etc/lab.conf'), 'utf8');
    const file = sample.replace('version 3', 'version 3\n    no_accept');
    await lab().host('d1').write(FILE, file);
    await Daemon.start(lab().host('d1'), { file: FILE, args: [] });
    const watch = await Watch.start(lab().host('d1'));
    await watch.until('master', (table, holdsVip) => holdsVip && serving(table, POOL), SOON_MS);
    watch.stop();
  });

  for (const family of ['v4', 'v6'] as const) {
    const at = (address: string, port: number) =>
      `http://${family === 'v6' ? `[${address}]` : address}:${port}/`;
    const curl = (address: string, port: number) =>
      lab()
        .host('client')
        .run(['curl', '-sS', '-m', '5', at(address, port)]);
    const ping = (address: string) => lab().host('client').run(['ping', '-c', '1', '-W', '5', address]);

    it(`IP${family}: the service answers by the VIP, and nothing else of the director does`, async () => {
      assert.match((await curl(VIP[family], 80)).stdout, /This is rs/);
      const [asked, pinged] = await Promise.all([curl(VIP[family], 81), ping(VIP[family])]);
      assert.equal(asked.code, CURL_TIMED_OUT, 'not even a refusal');
      assert.notEqual(pinged.code, 0);
      assert.equal((await curl(ADDRESS.d1[family], 81)).code, CURL_REFUSED, 'its own address is as ever');
      assert.equal((await ping(ADDRESS.d1[family])).code, 0);
    });
  }
});
