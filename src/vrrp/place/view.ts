/** What all who look at one time see of the machine's addresses: each interface is read once, however many instances are on it. */
import type { InterfaceAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig } from '../config.js';
import { type Moving, movingOf } from './moving.js';

export class View {
  readonly #socket: RouteSocket;
  readonly #instances: () => readonly InstanceConfig[];
  readonly #sources = new Map<number, readonly InterfaceAddress[] | SystemError>();
  #moving: Moving | undefined;

  /** @param instances all whose addresses may be here */
  constructor(socket: RouteSocket, instances: () => readonly InstanceConfig[]) {
    this.#socket = socket;
    this.#instances = instances;
  }

  /** What was seen may be no longer so. */
  renew(): void {
    this.#sources.clear();
    this.#moving = undefined;
  }

  /** The interface's addresses but for those that move: each of many instances would look through all. */
  sourcesOn(on: Interface): readonly InterfaceAddress[] | SystemError {
    const found = this.#sources.get(on.index) ?? this.#read(on);
    this.#sources.set(on.index, found);
    return found;
  }

  moving(): Moving {
    this.#moving ??= movingOf(this.#instances());
    return this.#moving;
  }

  #read(on: Interface): readonly InterfaceAddress[] | SystemError {
    const there = listAddresses(this.#socket, on);
    if (there instanceof SystemError) return there;
    const { all, owned } = this.moving();
    return there.filter(({ address }) => !all.has(address) || owned.has(address));
  }
}
