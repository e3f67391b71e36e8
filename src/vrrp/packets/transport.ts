/**
 * How adverts travel: by multicast or unicast, IPv4 or IPv6. Instances on one interface share its sockets and are told
 * apart by virtual router, so that a packet is read once however many instances there are.
 */
import { type Family, formatAddress } from '../../net/address.js';
import { encodeIpPacket, type IpHeader } from '../../net/ip-packet.js';
import { openRawReceiver, type RawPacket, type Receiver } from '../../net/raw-receiver.js';
import { openRawSender, type Sender } from '../../net/raw-sender.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import type { TransportConfig } from '../config.js';
import type { DropReason } from './drop-reasons.js';
import { splitIpv4 } from './ip-header.js';
import { VRRP_PROTOCOL, VRRP_TOS, VRRP_TTL, virtualRouterIdOf } from './packet.js';
import type { Envelope } from './receive.js';

export type TransportOptions = {
  readonly family: Family;
  readonly virtualRouterId: number;
  readonly config: TransportConfig;
  /** Where adverts leave and arrive. Absent only for unicast, where the kernel routes. */
  readonly interface?: Interface | undefined;
  /** Our own address now: unicast adverts are heard on it alone. */
  readonly primaryAddress?: string | undefined;
  readonly receiveBufferBytes?: number | undefined;
};

export type Transport = {
  /** The group, or every peer. */
  readonly destinations: readonly string[];
  /**
   * Sends one payload, from one of our addresses to one of the destinations. Undefined, or the kernel's refusal, or EINVAL where
   * the two are no pair. The bytes of a payload must not change: the same one sent again is not encoded again.
   */
  readonly send: (payload: Uint8Array, source: string, destination: string) => SystemError | undefined;
  /** Hands over at once what has arrived already: before a timer decides that nobody is there. */
  readonly drain: () => void;
  readonly close: () => void;
};

/** A packet for one instance. Its bytes hold only until the callback returns. */
export type OnPacket = (payload: Uint8Array, envelope: Envelope) => void;

/** A packet for none of the instances on the interface. */
export type Stray = {
  readonly reason: Extract<DropReason, 'ip_header_err' | 'vrid_err'>;
  readonly interface: string;
  readonly virtualRouterId?: number | undefined;
  readonly source?: string | undefined;
};

type Shared<T> = { readonly value: T; users: number };
type Hearing = { readonly receiver: Receiver; readonly instances: Map<number, OnPacket> };

/** The sockets of a process. */
export class Transports {
  readonly #hearings = new Map<string, Shared<Hearing>>();
  readonly #senders = new Map<string, Shared<Sender>>();
  /** How long adverts that come close together may wait to be read together. */
  restMs = 1;
  readonly #onStray: (stray: Stray) => void;
  readonly #onError: (error: SystemError) => void;

  /** `onError`: a socket reports an error (ENETDOWN …) and goes on; for the log. */
  constructor(onStray: (stray: Stray) => void, onError: (error: SystemError) => void) {
    this.#onStray = onStray;
    this.#onError = onError;
  }

  /**
   * Opens what an instance needs. When the interface got another index, or the address of a unicast instance changed,
   * close it and open anew. EEXIST: another instance has this virtual router ID there.
   */
  open(options: TransportOptions, onPacket: OnPacket): Transport | SystemError {
    const sender = this.#sender(options);
    if (sender instanceof SystemError) return sender;
    const hearing = this.#listen(options, onPacket);
    if (hearing instanceof SystemError) {
      sender.release();
      return hearing;
    }
    const { config } = options;
    const encode = packetsOf(config);
    return {
      destinations: config.kind === 'multicast' ? [config.group] : config.peers.map(({ address }) => address),
      send: (payload, source, destination) => {
        const packet = encode(payload, source, destination);
        return packet instanceof SystemError ? packet : sender.value.send(packet, destination);
      },
      drain: () => hearing.value.receiver.drain(),
      close: () => {
        hearing.value.instances.delete(options.virtualRouterId);
        hearing.release();
        sender.release();
      },
    };
  }

  #sender({ family, interface: on }: TransportOptions) {
    const key = `${family} ${on?.index ?? 'any'}`;
    return share(this.#senders, key, () => openRawSender(family, on));
  }

  #listen(options: TransportOptions, onPacket: OnPacket) {
    const endpoint = endpointOf(options);
    const key = [endpoint.family, endpoint.interface?.index, endpoint.group, endpoint.localAddress].join(' ');
    const shared = share(this.#hearings, key, () => this.#hear(endpoint));
    if (shared instanceof SystemError) return shared;
    const { instances } = shared.value;
    if (instances.has(options.virtualRouterId)) {
      shared.release();
      const operand = `virtual router ${options.virtualRouterId} on ${options.interface?.name ?? 'any'}`;
      return new SystemError('listen', operand, 'EEXIST', 'another instance listens there');
    }
    instances.set(options.virtualRouterId, onPacket);
    // Whoever opened it may have asked for less.
    shared.value.receiver.enlarge(options.receiveBufferBytes);
    return shared;
  }

  #hear(endpoint: ReturnType<typeof endpointOf>): Hearing | SystemError {
    const instances = new Map<number, OnPacket>();
    const where = endpoint.interface?.name ?? 'any';
    const take = (packet: RawPacket) => {
      const opened = open(packet);
      const virtualRouterId = opened && virtualRouterIdOf(opened.payload);
      if (opened === undefined || virtualRouterId === undefined) {
        this.#onStray({ reason: 'ip_header_err', interface: where });
        return;
      }
      const { payload, envelope } = opened;
      const onPacket = instances.get(virtualRouterId);
      if (onPacket !== undefined) onPacket(payload, envelope);
      else this.#onStray({ reason: 'vrid_err', interface: where, virtualRouterId, source: envelope.source });
    };
    const receiver = openRawReceiver({ ...endpoint, restMs: () => this.restMs }, take, this.#onError);
    return receiver instanceof SystemError ? receiver : { receiver, instances };
  }
}

function endpointOf({ family, config, interface: on, primaryAddress, receiveBufferBytes }: TransportOptions) {
  const multicast = config.kind === 'multicast';
  return {
    family,
    protocol: VRRP_PROTOCOL,
    interface: on,
    group: multicast ? config.group : undefined,
    localAddress: multicast ? undefined : primaryAddress,
    receiveBufferBytes,
  };
}

type Packet = { readonly payload: Uint8Array; readonly source: string; readonly bytes: Uint8Array };

/** Encodes packets, and keeps the last one to each destination: a master sends the same advert again and again. */
function packetsOf(config: TransportConfig) {
  const ttl = config.kind === 'multicast' ? VRRP_TTL : config.ttl;
  const fields = { protocol: VRRP_PROTOCOL, ttl, tos: VRRP_TOS };
  const last = new Map<string, Packet>();
  return (payload: Uint8Array, source: string, destination: string): Uint8Array | SystemError => {
    const known = last.get(destination);
    if (known?.payload === payload && known.source === source) return known.bytes;
    const bytes = encode({ ...fields, source, destination }, payload);
    if (!(bytes instanceof SystemError)) last.set(destination, { payload, source, bytes });
    return bytes;
  };
}

/** An advert that cannot be is one that was not sent: the process goes on. */
function encode(header: IpHeader, payload: Uint8Array): Uint8Array | SystemError {
  try {
    return encodeIpPacket(header, payload);
  } catch (error) {
    return new SystemError('send', `to ${header.destination}`, 'EINVAL', (error as Error).message);
  }
}

function open(packet: RawPacket): { readonly payload: Uint8Array; readonly envelope: Envelope } | undefined {
  if (packet.family === 'ipv4') return splitIpv4(packet.packet);
  const { payload, source, destination, hopLimit } = packet;
  return {
    payload,
    envelope: { source: formatAddress(source), destination: formatAddress(destination), ttl: hopLimit },
  };
}

/** One value for all who ask for the same key, closed when the last releases it. */
function share<T extends Sender | Hearing>(
  all: Map<string, Shared<T>>,
  key: string,
  make: () => T | SystemError,
): { readonly value: T; readonly release: () => void } | SystemError {
  const value = all.get(key)?.value ?? make();
  if (value instanceof SystemError) return value;
  const shared = all.get(key) ?? { value, users: 0 };
  shared.users += 1;
  all.set(key, shared);
  const release = () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    all.delete(key);
    if ('receiver' in value) value.receiver.close();
    else value.close();
  };
  return { value, release };
}
