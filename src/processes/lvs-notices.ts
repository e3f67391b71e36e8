/** Tells FIFOs and mail recipients of servers and quorums. */
import type { Config } from '../config/config.js';
import { createDryFifos, type DryFifosOptions } from '../fifo/dry-fifos.js';
import { createFifos, type FifosOptions } from '../fifo/fifos.js';
import type { Mail } from '../mail/config.js';
import type { VirtualServerConfig } from '../pool/config.js';
import type { PoolEvent } from '../pool/pool.js';
import { noticeOf } from './lvs-notice.js';
import type { ChildSettings } from './messages.js';

export type LvsNoticesOptions = FifosOptions &
  DryFifosOptions & {
    readonly settings: Pick<ChildSettings, 'dryRun'>;
    readonly sendMail: (mail: Mail) => void;
  };

export type LvsNotices = {
  /** Before the events that a configuration brings with it. */
  readonly configure: (config: Config) => void;
  readonly tell: (event: PoolEvent) => void;
  readonly close: () => void;
};

export function createLvsNotices(options: LvsNoticesOptions): LvsNotices {
  const fifos = options.settings.dryRun ? createDryFifos(options) : createFifos(options);
  /** Those of the configuration before too: of what a reload removes there are events still. */
  let known = new Map<string, VirtualServerConfig>();
  let current: readonly VirtualServerConfig[] = [];
  return { configure, tell, close: fifos.close };

  function configure({ virtualServers, global, vrrp }: Config): void {
    known = new Map([...current, ...virtualServers].map((each) => [each.id, each]));
    current = virtualServers;
    const { shared, lvs } = global.notifyFifos;
    // The script of a pipe that lvsd-vrrp writes to as well is run there.
    const elsewhere = vrrp !== undefined;
    fifos.configure([...(elsewhere ? shared.map(withoutScript) : shared), ...lvs]);
  }

  function tell(event: PoolEvent): void {
    const virtualServer = known.get(event.virtualServer);
    if (virtualServer === undefined) return;
    const { line, mail } = noticeOf(event, virtualServer);
    if (line !== undefined) fifos.write(line);
    if (mail !== undefined) options.sendMail(mail);
  }
}

function withoutScript({ script: _, ...rest }: Config['global']['notifyFifos']['shared'][number]) {
  return rest;
}
