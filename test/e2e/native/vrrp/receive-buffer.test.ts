/** kernel_rx_buf_size, as the kernel tells it of the socket. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { rawSocketOptions } from '../../../support/lent-sockets.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const MEGABYTE = 1 << 20;
/** 224.0.0.18 as /proc/net/raw has it. */
const GROUP = '120000E0:0070';

const first = (receiveBufferBytes?: number) => named('A', 51, receiveBufferBytes);
const second = (receiveBufferBytes?: number) => named('B', 52, receiveBufferBytes);

function named(name: string, virtualRouterId: number, receiveBufferBytes?: number): InstanceConfig {
  const addresses = [`10.77.0.${virtualRouterId}`];
  const buffer = receiveBufferBytes === undefined ? {} : { receiveBufferBytes };
  return instance({ name, virtualRouterId, addresses, advertIntMs: 100, ...buffer });
}

/** Bytes of the socket that hears adverts; the kernel counts twice what was asked for (socket(7)). */
function buffers(director: VrrpProcess): readonly number[] {
  return rawSocketOptions(director, GROUP, 'SO_RCVBUF').map((value) => value.readInt32LE() / 2);
}

describe('kernel_rx_buf_size', () => {
  it('of instances on one interface: the largest, where one says nothing the usual; and as a reload says', () =>
    withNetwork(['a'], async ({ host }) => {
      const director = new VrrpProcess(host('a'));
      const until = (bytes: number) =>
        eventually(`${bytes} bytes`, () => buffers(director).join() === String(bytes)).catch((error) => {
          throw new Error(`${(error as Error).message}: ${buffers(director)}\n${director.log}`);
        });
      try {
        await director.start(vrrpConfig([first(65_536), second(3 * MEGABYTE)]));
        await until(3 * MEGABYTE);
        director.configure(vrrpConfig([first(65_536), second(4 * MEGABYTE)]));
        await until(4 * MEGABYTE);
        director.configure(vrrpConfig([first(5 * MEGABYTE), second(65_536)]));
        await until(5 * MEGABYTE);
        director.configure(vrrpConfig([first(5 * MEGABYTE)]));
        // Until it has handed over it listens, and the socket they share only grows.
        await eventually('the second has gone', () => /B: \w+ → INIT/.test(director.log));
        await until(5 * MEGABYTE);
        director.configure(vrrpConfig([first(65_536)]));
        await until(65_536);
        director.configure(vrrpConfig([first(65_536), second()]));
        await until(MEGABYTE);
        await director.until('MASTER', PATIENCE_MS, 'B');
        assert.doesNotMatch(director.log, /WARN|ERROR/);
      } finally {
        await director.dispose();
      }
    }));
});
