/** Many instances ask at one time which of their addresses are there: a status, or the start after a crash. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import { createBelongings } from '../../../src/vrrp/place/belongings.js';
import { createCensus } from '../../../src/vrrp/place/census.js';
import { Holders } from '../../../src/vrrp/place/holders.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { instance } from '../../support/instances.js';

function crowd(size: number) {
  const kernel = createFakeRoutes(['eth0', 'eth1']);
  let dumps = 0;
  const dump: typeof kernel.socket.dump = (...asked) => {
    dumps += 1;
    return kernel.socket.dump(...asked);
  };
  const { census, socket } = createCensus({ ...kernel.socket, dump });
  const options = {
    kernel: { ...kernel, socket, later: new LaterChanges(socket) },
    now: () => 0,
    onLost: () => {},
    warn: (error: unknown) => assert.fail(String(error)),
    census,
    holders: new Holders(),
  };
  const all = Array.from({ length: size }, (_, i) =>
    createBelongings(
      instance({ addresses: [`192.0.2.${i + 1}`, `2001:db8::${(i + 1).toString(16)}`] }),
      options,
    ),
  );
  return { kernel, all, dumps: () => dumps };
}

describe('vrrp/census', () => {
  it('a status reads the addresses of the machine as often for a hundred instances as for one', async () => {
    const readings = async (size: number) => {
      const { all, dumps } = crowd(size);
      for (const each of all) each.acquire();
      await Promise.resolve();
      const before = dumps();
      for (const each of all) assert.deepEqual(each.holding().missing, []);
      return dumps() - before;
    };
    const alone = await readings(1);
    assert.ok(alone > 0);
    assert.equal(await readings(100), alone);
  });

  it('tells each instance of its own addresses alone', async () => {
    const { kernel, all } = crowd(3);
    all[1]?.acquire();
    kernel.remove('2001:db8::2');
    await Promise.resolve();
    assert.deepEqual(
      all.map((each) => each.holding()),
      [
        { held: [], missing: ['192.0.2.1/32 on eth0', '2001:db8::1/128 on eth0'] },
        { held: ['192.0.2.2/32 on eth0'], missing: ['2001:db8::2/128 on eth0'] },
        { held: [], missing: ['192.0.2.3/32 on eth0', '2001:db8::3/128 on eth0'] },
      ],
    );
  });

  it('the next who asks sees what has become of them since', async () => {
    const { kernel, all } = crowd(1);
    all[0]?.acquire();
    assert.equal(all[0]?.holding().held.length, 2);
    kernel.remove('192.0.2.1');
    await Promise.resolve();
    assert.deepEqual(all[0]?.holding().missing, ['192.0.2.1/32 on eth0']);
  });

  it('what lvsd has written since is seen at once', () => {
    const { all } = crowd(2);
    assert.equal(all[0]?.holding().held.length, 0);
    all[0]?.acquire();
    assert.equal(all[0]?.holding().held.length, 2);
    all[0]?.release();
    assert.equal(all[0]?.holding().held.length, 0);
  });
});
