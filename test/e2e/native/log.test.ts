/** A whole daemon whose log nobody reads. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Daemon } from '../../support/daemon.js';
import { eventually, withNetwork } from '../../support/namespaces.js';
import { fullPipe, type Stuck, stoppedTerminal, stuckJournal } from '../../support/stuck.js';

const VIP = '10.77.0.100';
const CONFIGURATION = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.2
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;

type Case = {
  readonly name: string;
  readonly make: () => Stuck;
  readonly environment: readonly string[];
  /** The line of lvsd-vrrp that it is master. */
  readonly master: RegExp;
  readonly last: RegExp;
};

const CASES: readonly Case[] = [
  {
    name: 'a full pipe',
    make: fullPipe,
    environment: ['LVSD_LOG_FORMAT=text'],
    master: /^\[.*\] INFO \(lvsd-vrrp\): VI_1: BACKUP → MASTER: /m,
    last: /INFO \(lvsd\): stopped\n$/,
  },
  {
    name: 'a terminal after Ctrl-S',
    make: stoppedTerminal,
    environment: ['NO_COLOR=1'],
    master: /^\[.*\] INFO \(lvsd-vrrp\): VI_1: BACKUP → MASTER: /m,
    last: /INFO \(lvsd\): stopped\n$/,
  },
  {
    name: 'a journal that hangs',
    make: stuckJournal,
    environment: [],
    master: /^<6>lvsd-vrrp: VI_1: BACKUP → MASTER: /m,
    last: /<6>stopped\n$/,
  },
];

describe('lvsd whose log nobody reads', () => {
  for (const { name, make, environment, master, last } of CASES) {
    it(`${name}: it elects and stays master, and tells all of it when somebody reads again`, async () => {
      await withNetwork(['a'], async (network) => {
        const host = network.host('a');
        const stuck = make();
        const journal = stuck.journal === undefined ? [] : [`JOURNAL_STREAM=${stuck.journal}`];
        const daemon = new Daemon(host.namespace, ['env', ...environment, ...journal]);
        try {
          daemon.configure(CONFIGURATION);
          daemon.standardError = stuck.fd;
          daemon.start('-P');
          const has = () => host.run('ip -br addr show dev eth0').includes(`${VIP}/`);
          await eventually('the address', has);
          const pids = () => (['lvsd', 'lvsd-lvs', 'lvsd-vrrp'] as const).map((each) => daemon.pid(each));
          await eventually('all run', () => !pids().includes(undefined));
          for (const pid of pids())
            assert.ok(!isNonBlocking(pid ?? assert.fail()), 'the reader shares what was opened');
          // Each has something more to say.
          for (let i = 0; i < 3; i += 1) daemon.signal('SIGHUP');
          const until = performance.now() + 2 * LIFETIME_MS;
          await eventually('two lifetimes', () => !has() || performance.now() > until);
          assert.ok(has(), 'the address has expired');
          stuck.letGo();
          daemon.signal('SIGTERM');
          assert.equal(await daemon.ended(), 0);
          const { read } = stuck;
          await eventually(`the end of the log:\n${read()}`, () => last.test(read()));
          assert.match(read(), master);
        } finally {
          await daemon.dispose();
          stuck.close();
        }
      });
    });
  }
});

/** Of adverts each 200 ms the addresses last a second, rounded up. */
const LIFETIME_MS = 1000;
const O_NONBLOCK = 0o4000;

function isNonBlocking(pid: number): boolean {
  const [, flags = ''] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/fdinfo/2`, 'utf8')) ?? [];
  return (Number.parseInt(flags, 8) & O_NONBLOCK) !== 0;
}
