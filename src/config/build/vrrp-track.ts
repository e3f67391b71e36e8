/** What instances and groups follow, and the things followed. */
import { formatEndpoint } from '../../net/address.js';
import type {
  ScriptConfig,
  TrackConfig,
  TrackedConfig,
  TrackFileConfig,
  TrackProcessConfig,
} from '../../vrrp/track/config.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { trackFile, tracking, trackProcess, vrrpScript } from '../schema/vrrp.js';
import type { TrackLine } from '../types/vrrp.js';
import { errorAt, optional, ownedScript, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type Weight = { readonly weight: number; readonly reverse: boolean };
type Weights = ReadonlyMap<string, Weight>;

/** Each line with its weight: its own, else that of the thing. What does not exist is an error. */
export function buildTrack(values: Values<typeof tracking>, context: VrrpContext): TrackConfig {
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
  return {
    interfaces: linesOf(values.track_interface).map(({ value }) => tracked(value, undefined)),
    scripts: named(values.track_script, known('vrrp_script', root.vrrp_script, 0), context),
    files: named(values.track_file, known('track_file', root.track_file, 1), context),
    processes: named(values.track_process, known('vrrp_track_process', root.vrrp_track_process, 0), context),
    pools: linesOf(values.track_pool).flatMap((line) => pool(line, context)),
  };
}

type Known = { readonly kind: string; readonly weights: Weights };
type TrackBlock = readonly Entry<{ readonly lines: readonly Entry<TrackLine>[] }>[] | undefined;

function linesOf(block: TrackBlock): readonly Entry<TrackLine>[] {
  return setting(block)?.lines ?? [];
}

function named(block: TrackBlock, { kind, weights }: Known, { defaults }: VrrpContext): TrackedConfig[] {
  return linesOf(block).flatMap((line) => {
    const { name } = line.value;
    const weight = weights.get(name);
    if (weight !== undefined) return [tracked(line.value, weight)];
    errorAt(defaults, line, `${name}: there is no ${kind} of that name`);
    return [];
  });
}

function tracked({ name, weight, reverse }: TrackLine, own: Weight | undefined): TrackedConfig {
  if (weight !== undefined) return { name, weight, reverse };
  return { name, weight: own?.weight ?? 0, reverse: own?.reverse ?? false };
}

/** The virtual server a line means, by its id, with or without the protocol. */
function pool(line: Entry<TrackLine>, { virtualServers, defaults }: VrrpContext): TrackedConfig[] {
  const { name } = line.value;
  const [first = '', second, ...rest] = name.split(' ');
  const id =
    first === 'fwmark' || first === 'group'
      ? name
      : [formatEndpoint(first, Number(second ?? 0)), ...rest.map((word) => word.toLowerCase())].join(' ');
  const found = virtualServers.filter((server) => server.id === id || server.id.startsWith(`${id} `));
  const [server] = found;
  if (server !== undefined && found.length === 1)
    return [tracked({ ...line.value, name: server.id }, undefined)];
  const what = found.length === 0 ? 'there is no such virtual_server' : 'say of which protocol';
  errorAt(defaults, line, `track_pool "${name}": ${what}`);
  return [];
}

/** Names of the scripts somebody follows. */
export function usedTrackers(trackers: readonly { readonly track: TrackConfig }[]): ReadonlySet<string> {
  return new Set(trackers.flatMap(({ track }) => track.scripts).map(({ name }) => name));
}

export function buildScripts(
  entries: readonly Entry<Section<string, typeof vrrpScript>>[],
  used: ReadonlySet<string>,
  { defaults }: VrrpContext,
): ScriptConfig[] {
  return entries.flatMap((entry) => {
    const { head: name, values } = entry.value;
    const given = setting(values.script);
    const script = ownedScript(given && { ...given, ...setting(values.user) }, defaults);
    if (script === undefined) {
      if (values.script === undefined)
        errorAt(defaults, entry, `vrrp_script "${name}": expected script COMMAND in it`);
      return [];
    }
    if (!used.has(name)) {
      warnAt(defaults, entry, `vrrp_script "${name}": not run, nothing follows it by track_script`);
      return [];
    }
    const intervalMs = setting(values.interval) || 1000;
    return [
      {
        name,
        script,
        intervalMs,
        timeoutMs: setting(values.timeout) || intervalMs,
        rise: setting(values.rise) ?? 1,
        fall: setting(values.fall) ?? 1,
        initFail: values.init_fail !== undefined,
      },
    ];
  });
}

export function buildTrackFiles(
  entries: readonly Entry<Section<string, typeof trackFile>>[],
  { defaults }: VrrpContext,
): TrackFileConfig[] {
  return entries.flatMap((entry) => {
    const { head: name, values } = entry.value;
    const path = setting(values.file);
    if (values.file === undefined) errorAt(defaults, entry, `track_file "${name}": expected file PATH in it`);
    return path === undefined ? [] : [{ name, path, ...optional('init', setting(values.init_file)) }];
  });
}

export function buildTrackProcesses(
  entries: readonly Entry<Section<string, typeof trackProcess>>[],
  { defaults }: VrrpContext,
): TrackProcessConfig[] {
  return entries.flatMap((entry) => {
    const { head: name, values } = entry.value;
    const [command, ...args] = setting(values.process) ?? [];
    if (command === undefined) {
      if (values.process === undefined)
        errorAt(defaults, entry, `vrrp_track_process "${name}": expected process PATH in it`);
      return [];
    }
    const both = setting(values.delay) ?? 0;
    return [
      {
        name,
        command,
        args,
        ...optional('paramMatch', setting(values.param_match)),
        fullCommand: values.full_command !== undefined,
        quorum: setting(values.quorum) ?? 1,
        ...optional('quorumMax', setting(values.quorum_max)),
        forkDelayMs: setting(values.fork_delay) ?? both,
        terminateDelayMs: setting(values.terminate_delay) ?? both,
      },
    ];
  });
}
