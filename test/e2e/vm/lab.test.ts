import assert from 'node:assert/strict';
import { Load } from '../../../lab/load.js';
import { summarise } from '../../../lab/summary.js';
import { ADDRESS, VIP } from '../../../lab/topology.js';
import { Watch } from '../../../lab/watch.js';
import { useLab } from '../lab.js';

describe('lab with a real ip_vs', () => {
  const lab = useLab('vm');
  const ipvsadm = (...words: string[]) =>
    lab()
      .host('d1')
      .output(['ipvsadm', ...words]);

  afterEach(() => ipvsadm('-C'));

  it('has an ip_vs that begins empty, in each director its own', async () => {
    assert.ok(lab().kernel.ipvs);
    await ipvsadm('-A', '-t', `${VIP.v4}:80`, '-s', 'sed');
    assert.match(await ipvsadm('-Ln'), /TCP {2}10\.0\.0\.100:80 sed/);
    assert.doesNotMatch(await lab().host('d2').output(['ipvsadm', '-Ln']), /10\.0\.0\.100/);
  });

  for (const [method, flag] of [
    ['NAT', '-m'],
    ['direct routing', '-g'],
  ] as const) {
    for (const family of ['v4', 'v6'] as const) {
      it(`carries requests by ${method} over IP${family} to each server, none failing`, async () => {
        const at = (address: string) => (family === 'v4' ? `${address}:80` : `[${address}]:80`);
        await ipvsadm('-A', '-t', at(VIP[family]), '-s', 'rr');
        for (const name of ['rs1', 'rs2', 'rs3'] as const) {
          await ipvsadm('-a', '-t', at(VIP[family]), '-r', at(ADDRESS[name][family]), flag);
        }
        const load = await Load.start(lab().host('client'), { host: VIP[family], deadlineMs: 10_000 });
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        const { failed, servers } = summarise(await load.stop());
        assert.equal(failed, 0);
        assert.deepEqual(Object.keys(servers), ['rs1', 'rs2', 'rs3']);
      });
    }
  }

  it('counts a failure when nobody serves, with its reason', async () => {
    const load = await Load.start(lab().host('client'), { deadlineMs: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { requests, failures } = summarise(await load.stop());
    assert.ok(requests > 0);
    assert.deepEqual(failures, { refused: requests });
  });

  it('asks from as many addresses as the test wants', async () => {
    await ipvsadm('-A', '-t', `${VIP.v4}:80`, '-s', 'rr', '-p', '300');
    for (const name of ['rs1', 'rs2', 'rs3'] as const) {
      await ipvsadm('-a', '-t', `${VIP.v4}:80`, '-r', `${ADDRESS[name].v4}:80`, '-m');
    }
    const from = ['10.9.0.1', '10.9.0.2', '10.9.7.3'];
    const load = await Load.start(lab().host('client'), { from, deadlineMs: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { failed, servers } = summarise(await load.stop());
    assert.equal(failed, 0);
    assert.equal(Object.keys(servers).length, 3, 'each address has its own server');
  });

  it('sees the table change, with the time', async () => {
    const watch = await Watch.start(lab().host('d1'));
    await ipvsadm('-A', '-f', '7', '-s', 'wrr');
    const { at, table } = await watch.until('marked', (services) => services.length === 1, 120_000);
    assert.equal(table[0]?.protocol, 'FWM');
    assert.equal(table[0]?.address, '7');
    assert.ok(at >= (watch.sightings[0]?.at ?? Infinity));
    await assert.rejects(
      watch.until('empty', (services) => services.length === 0, 100),
      /not empty after 100 ms/,
    );
    watch.stop();
  });

  it('is as new after a reset', async () => {
    await ipvsadm('-A', '-t', `${VIP.v4}:80`);
    await lab().cut('rs1');
    await lab().stopServer('rs2');
    await lab().reset();
    assert.doesNotMatch(await ipvsadm('-Ln'), /10\.0\.0\.100/);
    for (const name of ['rs1', 'rs2'] as const) {
      assert.equal(
        await lab()
          .host('client')
          .output(['curl', '-s', `http://${ADDRESS[name].v4}/`]),
        `This is ${name}.\n`,
      );
    }
  });
});
