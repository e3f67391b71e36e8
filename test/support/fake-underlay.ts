/**
 * Directors on a simulated LAN: each instance's place sends real packets in bytes, which arrive at every other place of the same
 * interface name after a delay; addresses are held for their lifetime, or until released.
 */
import type { Clock } from '../../src/clock.js';
import type { Family } from '../../src/net/address.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { vipLifetimeS } from '../../src/vrrp/election/timers.js';
import { encodeAdvert, VRRP_TTL } from '../../src/vrrp/packets/packet.js';
import type { Envelope } from '../../src/vrrp/packets/receive.js';
import type { Loss, Place, Underlay, Upcalls } from '../../src/vrrp/underlay.js';

const DELAY_MS = 0.2;

type Plug = {
  readonly owner: FakeUnderlay;
  readonly interface: string;
  readonly instance: string;
  readonly family: Family;
  readonly virtualRouterId: number;
  readonly upcalls: Upcalls;
  /** One of a machine for a virtual router of an interface. */
  listens: boolean;
};

export class FakeWire {
  readonly plugs = new Set<Plug>();
  /** Everything done, with its time. */
  readonly trace: string[] = [];

  constructor(readonly clock: Clock) {}

  say(who: string, what: string): void {
    this.trace.push(`${this.clock.now().toFixed(1)} ${who} ${what}`);
  }
}

/** One machine's network. */
export class FakeUnderlay implements Underlay {
  /** When the kernel lets each instance's addresses go. */
  readonly heldUntil = new Map<string, number>();
  /** Who held them last: what another one holds since is not its own to release. */
  readonly #heldBy = new Map<string, Plug>();
  readonly downInterfaces = new Set<string>();
  cut = false;

  constructor(
    private readonly wire: FakeWire,
    readonly name: string,
    private readonly address: string,
  ) {}

  readonly configure = () => {};
  readonly drops = () => ({});
  readonly close = () => {};
  readonly interfaceUp = (name: string) => !this.downInterfaces.has(name);

  holds(instance: string): boolean {
    return (this.heldUntil.get(instance) ?? 0) > this.wire.clock.now();
  }

  setLink(name: string, up: boolean): void {
    if (up) this.downInterfaces.delete(name);
    else this.downInterfaces.add(name);
    for (const plug of [...this.wire.plugs]) if (plug.owner === this) plug.upcalls.changed();
  }

  /** Somebody else takes addresses of an instance away, or they expire. */
  loseAddresses(instance: string, what: readonly string[], why: Loss = 'taken'): void {
    this.heldUntil.delete(instance);
    for (const plug of [...this.wire.plugs])
      if (plug.owner === this && plug.instance === instance) plug.upcalls.lost(what, why);
  }

  /** Somebody else does something to an interface that was made for an instance, which is put right; what was on it is gone. */
  disturbLink(instance: string, what: string): void {
    this.heldUntil.delete(instance);
    for (const plug of [...this.wire.plugs])
      if (plug.owner === this && plug.instance === instance) plug.upcalls.remade([what]);
  }

  readonly attach = (first: InstanceConfig, upcalls: Upcalls, waits = false): Place => {
    let config = first;
    const { wire } = this;
    const on = config.interface ?? '';
    const { name: instance, family, virtualRouterId } = first;
    const plug: Plug = {
      owner: this,
      interface: on,
      instance,
      family,
      virtualRouterId,
      upcalls,
      listens: false,
    };
    let waiting = waits;
    wire.plugs.add(plug);
    if (!waits) this.listen(plug);
    const hold = () => {
      if (!this.holds(config.name)) wire.say(this.name, `${config.name} holds`);
      this.#heldBy.set(config.name, plug);
      const lifetimeS = vipLifetimeS(config) ?? Number.POSITIVE_INFINITY;
      this.heldUntil.set(config.name, wire.clock.now() + lifetimeS * 1000);
    };
    return {
      acquire: hold,
      renew: hold,
      release: () => {
        if (this.#heldBy.get(config.name) !== plug) return;
        if (this.holds(config.name)) wire.say(this.name, `${config.name} releases`);
        this.heldUntil.delete(config.name);
      },
      advertise: (priority) => {
        if (!wire.plugs.has(plug) || !plug.listens) return false;
        wire.say(this.name, `${config.name} advert ${priority}`);
        const envelope = this.envelopeOf(config);
        this.broadcast(plug, encodeAdvert(config, priority, envelope.source, envelope.destination), envelope);
        return true;
      },
      announce: () => wire.say(this.name, `${config.name} announces`),
      drain: () => {},
      faults: () => {
        if (this.downInterfaces.has(on)) return [`interface ${on} is down`];
        return waiting || plug.listens ? [] : [`another instance listens for ${virtualRouterId} on ${on}`];
      },
      primaryAddress: () => this.envelopeOf(config).source,
      holding: () => {
        const names = config.virtualAddresses.map(({ address }) => address);
        return this.holds(config.name) ? { held: names, missing: [] } : { held: [], missing: names };
      },
      look: () => {},
      claim: () => {},
      reconfigure: (next) => {
        config = next;
      },
      enter: () => {
        waiting = false;
        this.listen(plug);
        upcalls.changed();
      },
      unmake: () => {},
      close: () => void wire.plugs.delete(plug),
    };
  };

  private listen(plug: Plug): void {
    const { interface: on, family, virtualRouterId } = plug;
    plug.listens = ![...this.wire.plugs].some(
      (each) =>
        each.owner === this &&
        each.listens &&
        each !== plug &&
        each.interface === on &&
        each.family === family &&
        each.virtualRouterId === virtualRouterId,
    );
  }

  private envelopeOf({ transport }: InstanceConfig): Envelope {
    const destination =
      transport.kind === 'multicast' ? transport.group : (transport.peers[0]?.address ?? '');
    return { source: transport.sourceAddress ?? this.address, destination, ttl: VRRP_TTL };
  }

  private broadcast(from: Plug, payload: Uint8Array, envelope: Envelope): void {
    const { clock, plugs } = this.wire;
    if (this.cut || this.downInterfaces.has(from.interface)) return;
    clock.wake(clock.now() + DELAY_MS, () => {
      for (const plug of [...plugs]) {
        const { owner } = plug;
        const reached = owner !== this && !owner.cut && plug.interface === from.interface;
        if (reached && !owner.downInterfaces.has(plug.interface)) {
          plug.upcalls.receive(payload, envelope);
        }
      }
    });
  }
}
