/** Kernel settings are changed while a director needs them, and are then what they were: whoever of its processes ends how. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { createBorrowed, type Loans, parseLoans } from '../../../../src/vrrp/place/borrowed.js';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const IGMP = 'igmp_link_local_mcast_reports';
const PROMOTE = 'conf/eth0/promote_secondaries';
const BELOW = ['conf/eth0/arp_announce', 'conf/eth0/arp_ignore', 'conf/eth0/arp_filter'];
const ALL = [IGMP, PROMOTE, ...BELOW];

const read = ({ run }: Host, names: readonly string[]) =>
  names.map((name) => run(`cat /proc/sys/net/ipv4/${name}`).trim()).join(' ');
const path = (name: string) => `/proc/sys/net/ipv4/${name}`;
const set = ({ run }: Host, name: string, value: string) => run(`sysctl -qw net/ipv4/${name}=${value}`);

const VMAC = {
  advertIntMs: 100,
  addresses: ['10.77.0.100'],
  promoteSecondaries: true,
  vmac: { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false },
};
const PLAIN = { advertIntMs: 100, addresses: ['10.77.0.100'], promoteSecondaries: true };

describe('kernel settings', () => {
  const config = (change: Partial<InstanceConfig>) => vrrpConfig([instance(change)]);

  async function withDirector(body: (director: VrrpProcess, host: Host) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const director = new VrrpProcess(network.host('a'));
      try {
        await body(director, director.host);
      } finally {
        await director.dispose();
      }
    });
  }

  it('use_vmac and promote_secondaries: back by a reload without them, and by a stop', () =>
    withDirector(async (director, host) => {
      assert.equal(read(host, ALL), '1 0 0 0 0');
      await director.start(config(VMAC));
      await director.until('MASTER');
      assert.equal(read(host, [IGMP, ...BELOW]), '0 2 1 1');
      director.configure(config(PLAIN));
      await eventually('ARP and IGMP as before', () => read(host, ALL) === '1 1 0 0 0');
      await director.end('stop');
      assert.equal(read(host, ALL), '1 0 0 0 0');
    }));

  it('what was set already is left so', () =>
    withDirector(async (director, host) => {
      set(host, IGMP, '0');
      set(host, PROMOTE, '1');
      await director.start(config({ ...VMAC, ...PLAIN }));
      await director.until('MASTER');
      await director.end('stop');
      assert.equal(read(host, [IGMP, PROMOTE]), '0 1');
    }));

  for (const how of ['killed', 'told to leave'] as const) {
    it(`of a process that was ${how}, its successor puts them back`, () =>
      withDirector(async (director, host) => {
        await director.start(config(VMAC));
        await director.until('MASTER');
        const saved = join(director.stateDir, 'vrrp-settings.json');
        await eventually('all is saved', () =>
          [IGMP, ...BELOW].every((name) => readFileSync(saved, 'utf8').includes(path(name))),
        );
        if (how === 'killed') await director.kill();
        else await director.end('leave');
        assert.equal(read(host, [IGMP]), '0');
        await director.start(config(VMAC));
        await director.until('MASTER');
        await director.end('stop');
        assert.equal(read(host, ALL), '1 0 0 0 0');
      }));
  }

  it('an interface that is made later gets its own with it', () =>
    withDirector(async (director, host) => {
      host.run('ip link del eth0');
      await director.start(config(PLAIN));
      host.plugInAnew();
      await director.until('MASTER');
      assert.equal(read(host, [PROMOTE]), '1');
    }));

  describe('that are borrowed', () => {
    const wanted = (name: string, value: string) => new Map([[path(name), value]]);

    it('are told, but for those that were so, and put back unless another hand has set them since', () =>
      withNetwork(['a'], ({ host }) => {
        const a = host('a');
        a.enter(() => {
          let changes = 0;
          const borrowed = createBorrowed({}, () => {
            changes += 1;
          });
          assert.deepEqual(borrowed.want(new Map([...wanted(IGMP, '0'), ...wanted(PROMOTE, '0')])), []);
          assert.deepEqual(borrowed.loans(), { [path(IGMP)]: { before: '1', now: '0' } });
          assert.equal(changes, 1);
          borrowed.want(wanted(BELOW[0] ?? '', '2'));
          set(a, BELOW[0] ?? '', '1');
          borrowed.want(new Map());
          assert.equal(read(a, ALL), '1 0 1 0 0');
          assert.deepEqual(borrowed.loans(), {});
        });
      }));

    it('what another hand sets meanwhile is set again, and then what it was at first', () =>
      withNetwork(['a'], ({ host }) => {
        const a = host('a');
        const [name = ''] = BELOW;
        a.enter(() => {
          const borrowed = createBorrowed({}, () => {});
          borrowed.want(wanted(name, '2'));
          set(a, name, '1');
          borrowed.want(wanted(name, '2'));
          assert.equal(read(a, [name]), '2');
          borrowed.want(new Map());
          assert.equal(read(a, [name]), '0');
        });
      }));

    it('an interface that is not there is no error, what cannot be set is', () =>
      withNetwork(['a'], ({ host }) => {
        host('a').enter(() => {
          const borrowed = createBorrowed({}, () => {});
          assert.deepEqual(borrowed.want(wanted('conf/eth9/promote_secondaries', '1')), []);
          assert.match(String(borrowed.want(wanted(PROMOTE, 'x'))), /EINVAL/);
        });
      }));

    it('what was saved is read with care', () => {
      const good: Loans = { [path(IGMP)]: { before: '1', now: '0' } };
      const bad = { '/etc/passwd': { before: 'x', now: 'y' }, [path(PROMOTE)]: { before: 1 }, x: null };
      assert.deepEqual(parseLoans({ ...good, ...bad }), good);
      for (const data of [undefined, null, 5, 'text']) assert.deepEqual(parseLoans(data), {});
    });
  });
});
