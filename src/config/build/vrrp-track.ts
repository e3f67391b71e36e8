/** What instances and groups follow. */
import { formatEndpoint } from '../../net/address.js';
import type { TrackConfig, TrackedConfig } from '../../vrrp/track/config.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { tracking, vrrpScript } from '../schema/vrrp.js';
import type { TrackLine } from '../types/vrrp.js';
import { errorAt, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type Weight = { readonly weight: number; readonly reverse: boolean };
type Weights = ReadonlyMap<string, Weight>;

/** A line and what it makes the instance or group follow. */
export type TrackPair = { readonly line: Entry<TrackLine>; readonly tracked: TrackedConfig };
export type TrackPairs = { readonly [K in keyof TrackConfig]: readonly TrackPair[] };

/** `own` is the interface of an instance: its state is followed already, and a weight would count for ever. */
export function buildTrack(values: Values<typeof tracking>, context: VrrpContext, own?: string): TrackConfig {
  const { interfaces, scripts, files, processes, pools } = trackPairs(values, context);
  const follow = (pairs: readonly TrackPair[]) => pairs.map(({ tracked }) => tracked);
  return {
    interfaces: follow(interfaces.filter((pair) => !isOwn(pair, own, context))),
    scripts: follow(scripts),
    files: follow(files),
    processes: follow(processes),
    pools: follow(pools),
  };
}

function isOwn({ line, tracked }: TrackPair, own: string | undefined, { defaults }: VrrpContext): boolean {
  if (tracked.name !== own) return false;
  warnAt(defaults, line, `track_interface "${own}": ignored, it is the instance's own interface`);
  return true;
}

/** Each line with its weight: its own, else that of the thing. What does not exist is an error; of two lines for one thing the first counts. */
export function trackPairs(values: Values<typeof tracking>, context: VrrpContext): TrackPairs {
  const { values: root } = context;
  const known = (
    kind: string,
    entries: readonly Entry<Section<string, { readonly weight: typeof vrrpScript.weight }>>[] | undefined,
    fallback: number,
  ): Known => ({
    kind,
    weights: new Map(
      (entries ?? []).map(({ value }) => [
        value.head,
        setting(value.values.weight) ?? { weight: fallback, reverse: false },
      ]),
    ),
  });
  const scripts = known('vrrp_script', root.vrrp_script, 0);
  const files = known('track_file', root.track_file, 1);
  const processes = known('vrrp_track_process', root.vrrp_track_process, 0);
  const pairs = (
    keyword: keyof typeof tracking,
    find: (line: Entry<TrackLine>) => TrackedConfig | undefined,
  ) => firstOfEach(keyword, linesOf(values[keyword]), { find, context });
  return {
    interfaces: pairs('track_interface', ({ value }) => tracked(value, undefined)),
    scripts: pairs('track_script', (line) => named(line, scripts, context)),
    files: pairs('track_file', (line) => named(line, files, context)),
    processes: pairs('track_process', (line) => named(line, processes, context)),
    pools: pairs('track_pool', (line) => pool(line, context)),
  };
}

type Known = { readonly kind: string; readonly weights: Weights };
type TrackBlock = readonly Entry<{ readonly lines: readonly Entry<TrackLine>[] }>[] | undefined;

function linesOf(block: TrackBlock): readonly Entry<TrackLine>[] {
  return setting(block)?.lines ?? [];
}

type Finding = {
  readonly find: (line: Entry<TrackLine>) => TrackedConfig | undefined;
  readonly context: VrrpContext;
};

function firstOfEach(
  keyword: string,
  lines: readonly Entry<TrackLine>[],
  { find, context: { defaults } }: Finding,
): readonly TrackPair[] {
  const pairs = new Map<string, TrackPair>();
  for (const line of lines) {
    const found = find(line);
    if (found === undefined) continue;
    const first = pairs.get(found.name);
    if (first === undefined) pairs.set(found.name, { line, tracked: found });
    else {
      const which = `the one of line ${first.line.statement.text.place.line} counts`;
      warnAt(defaults, line, `${keyword} "${line.value.name}" is given twice: ${which}`);
    }
  }
  return [...pairs.values()];
}

function named(
  line: Entry<TrackLine>,
  { kind, weights }: Known,
  { defaults }: VrrpContext,
): TrackedConfig | undefined {
  const { name } = line.value;
  const weight = weights.get(name);
  if (weight !== undefined) return tracked(line.value, weight);
  errorAt(defaults, line, `${name}: there is no ${kind} of that name`);
  return undefined;
}

function tracked({ name, weight, reverse }: TrackLine, own: Weight | undefined): TrackedConfig {
  if (weight !== undefined) return { name, weight, reverse };
  return { name, weight: own?.weight ?? 0, reverse: own?.reverse ?? false };
}

/** The virtual server a line means, by its id, with or without the protocol. */
function pool(line: Entry<TrackLine>, { virtualServers, defaults }: VrrpContext): TrackedConfig | undefined {
  const { name } = line.value;
  const [first = '', second, ...rest] = name.split(' ');
  const id =
    first === 'fwmark' || first === 'group'
      ? name
      : [formatEndpoint(first, Number(second ?? 0)), ...rest.map((word) => word.toLowerCase())].join(' ');
  const found = virtualServers.filter((server) => server.id === id || server.id.startsWith(`${id} `));
  const [server] = found;
  if (server !== undefined && found.length === 1)
    return tracked({ ...line.value, name: server.id }, undefined);
  const what = found.length === 0 ? 'there is no such virtual_server' : 'say of which protocol';
  errorAt(defaults, line, `track_pool "${name}": ${what}`);
  return undefined;
}
