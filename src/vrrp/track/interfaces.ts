/** Which interfaces are up, as the kernel's events tell, believed after interface_up_down_delays. */
import type { Clock, Timer } from '../../clock.js';
import type { InterfaceDelayConfig } from './config.js';
import { changesAt, type Debounced, observe, settle } from './debounce.js';

export type Interfaces = {
  readonly configure: (delays: readonly InterfaceDelayConfig[]) => void;
  /** What is believed of an interface; the first look at it is believed at once. */
  readonly isUp: (name: string) => boolean;
  /** Something about this interface may have changed. */
  readonly look: (name: string) => void;
  readonly stop: () => void;
};

export type InterfacesOptions = {
  readonly clock: Clock;
  /** Whether it is there, up and has a carrier, now. */
  readonly read: (name: string) => boolean;
  readonly onChange: (name: string) => void;
};

type Known = { state: Debounced; timer: Timer | undefined };

export function createInterfaces({ clock, read, onChange }: InterfacesOptions): Interfaces {
  const known = new Map<string, Known>();
  let delays: readonly InterfaceDelayConfig[] = [];

  return {
    configure: (next) => {
      delays = next;
    },
    isUp: (name) => find(name).state.value,
    look: (name) => {
      if (known.has(name)) look(name, find(name));
    },
    stop: () => {
      for (const { timer } of known.values()) timer?.cancel();
    },
  };

  function find(name: string): Known {
    const found = known.get(name) ?? { state: { value: read(name) }, timer: undefined };
    known.set(name, found);
    return found;
  }

  function look(name: string, entry: Known): void {
    const reading = read(name);
    set(name, entry, observe(entry.state, reading, delayMs(name, reading), clock.now()));
  }

  function set(name: string, entry: Known, state: Debounced): void {
    const changed = state.value !== entry.state.value;
    entry.state = state;
    entry.timer?.cancel();
    const at = changesAt(state);
    entry.timer =
      at === Number.POSITIVE_INFINITY
        ? undefined
        : clock.wake(at, () => set(name, entry, settle(entry.state, clock.now())));
    if (changed) onChange(name);
  }

  function delayMs(name: string, up: boolean): number {
    const delay = delays.find((each) => each.interface === name);
    return (up ? delay?.upDelayMs : delay?.downDelayMs) ?? 0;
  }
}
