/** The things that instances and groups follow: scripts, files, processes. */
import type {
  ScriptConfig,
  TrackConfig,
  TrackFileConfig,
  TrackProcessConfig,
} from '../../vrrp/track/config.js';
import { type Entry, type Section, setting } from '../keyword.js';
import type { trackFile, trackProcess, vrrpScript } from '../schema/vrrp.js';
import { errorAt, optional, ownedScript, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

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
