/** Adverts between this and a real keepalived, both ways: it believes ours, we believe its, and its log has no complaint. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { interfaceIndex } from '../../../../src/net/libc.js';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { encodeAdvert } from '../../../../src/vrrp/packets/packet.js';
import { receiveAdvert } from '../../../../src/vrrp/packets/receive.js';
import { Transports } from '../../../../src/vrrp/packets/transport.js';
import { complaintsOf } from '../../../support/complaints.js';
import { instance } from '../../../support/instances.js';
import { Keepalived } from '../../../support/keepalived.js';
import { value } from '../../../support/kernel-routes.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { saidInstance } from '../../../support/vrrp-text.js';

/** A machine that stands still for half a second lets nobody take over. */
const INTERVAL_MS = 500;
/** Ours come more often than they must. */
const SENDING_MS = 100;

type Case = {
  readonly name: string;
  readonly ours: Partial<InstanceConfig> & { readonly addresses?: readonly string[] };
  /** Lines of keepalived's vrrp_instance. */
  readonly its: readonly string[];
  /** What it says of them. */
  readonly said?: string;
};

const unicast = (peer: string): Pick<InstanceConfig, 'transport'> => ({
  transport: {
    kind: 'unicast',
    peers: [{ address: peer }],
    ttl: 255,
    checkSource: false,
    faultNoPeer: false,
    oldChecksum: 'auto',
  },
});

/** The eighth byte is the first half of a letter. */
const CUT_PASSWORD = ['authentication { auth_type PASS', 'auth_pass passworß }'];
const { authentication: cut } = saidInstance(CUT_PASSWORD.join('\n')).instance ?? {};

const CASES: readonly Case[] = [
  { name: 'VRRPv3, IPv4', ours: {}, its: ['version 3', 'advert_int 0.5'] },
  {
    name: 'VRRPv3, IPv6',
    ours: { addresses: ['fe80::100', 'fd77::100'] },
    its: ['version 3', 'advert_int 0.5'],
  },
  {
    name: 'VRRPv3, IPv4, unicast',
    ours: unicast('10.77.0.2'),
    its: ['version 3', 'advert_int 0.5', 'unicast_src_ip 10.77.0.2', 'unicast_peer { 10.77.0.1 }'],
  },
  {
    name: 'VRRPv2 with a password',
    ours: { version: 2, advertIntMs: 1000, authentication: { type: 'PASS', password: 'secret' } },
    its: ['version 2', 'advert_int 1', 'authentication { auth_type PASS', 'auth_pass secret }'],
  },
  {
    name: 'VRRPv2 with a password that is cut within a character',
    ours: { version: 2, advertIntMs: 1000, ...(cut && { authentication: cut }) },
    its: ['version 2', 'advert_int 1', ...CUT_PASSWORD],
    said: 'Truncating auth_pass to 8 characters',
  },
];

describe('adverts between this and keepalived', () => {
  for (const { name, ours, its, said } of CASES) {
    it(name, () =>
      withNetwork(['a', 'b'], async ({ host }) => {
        const config = instance({ advertIntMs: INTERVAL_MS, addresses: ['10.77.0.100'], ...ours });
        const station = open(host('a'), config);
        // Adverts are there before it starts, so that it never becomes master of its own.
        const sending = setInterval(() => station.advertise(200), SENDING_MS);
        const keepalived = new Keepalived(host('b'));
        try {
          keepalived.start(blockOf(config, its));
          await eventually('keepalived to be backup', () => /Entering BACKUP STATE/.test(keepalived.log));
          await sleep(config.advertIntMs * 4);
          assert.equal(keepalived.masterships, 0, keepalived.log);
          clearInterval(sending);
          await eventually('its adverts', () => station.heard.length >= 2);
          assert.deepEqual([...new Set(station.heard)], ['100 from the other']);
          assert.ok(keepalived.masterships >= 1, keepalived.log);
          const complaints = complaintsOf(keepalived.log).map((line) => line.replace(/^.*\) /, ''));
          assert.deepEqual(complaints, said === undefined ? [] : [said]);
        } finally {
          clearInterval(sending);
          station.close();
          await keepalived.dispose();
        }
      }),
    );
  }
});

function open(host: Host, config: InstanceConfig) {
  const { family, virtualRouterId, transport } = config;
  const source = family === 'ipv4' ? host.ipv4 : linkLocal(host);
  const heard: string[] = [];
  const transports = new Transports(
    (stray) => heard.push(stray.reason),
    (error) => heard.push(String(error)),
  );
  const on = { name: 'eth0', index: host.enter(() => interfaceIndex('eth0')) };
  const opened = host.enter(() =>
    transports.open(
      { family, virtualRouterId, config: transport, interface: on, primaryAddress: source },
      (payload, envelope) => {
        const received = receiveAdvert({ ...config, primaryAddress: source }, payload, envelope);
        if (received.kind === 'drop') heard.push(`${received.reason}: ${received.detail}`);
        else if (received.warnings.length > 0) heard.push(received.warnings.join());
        else heard.push(`${received.advert.priority} from the other`);
      },
    ),
  );
  const wire = value(opened);
  return {
    heard,
    advertise: (priority: number) => {
      for (const destination of wire.destinations) {
        wire.send(encodeAdvert(config, priority, source, destination), source, destination);
      }
    },
    close: () => wire.close(),
  };
}

function blockOf(config: InstanceConfig, lines: readonly string[]): string {
  const addresses = config.virtualAddresses.map(({ address }) => address);
  return [
    'vrrp_instance VI_1 {',
    'interface eth0',
    `virtual_router_id ${config.virtualRouterId}`,
    'priority 100',
    ...lines,
    `virtual_ipaddress { ${addresses.join('\n')} }`,
    '}',
  ].join('\n');
}

function linkLocal(host: Host): string {
  return /inet6 (fe80:[^/]*)/.exec(host.run('ip -6 addr show dev eth0'))?.[1] ?? '';
}
