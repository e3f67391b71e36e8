/** The kernel: its version, IPVS and the modules of schedulers. Pure. */
import type { Config } from '../../config/config.js';
import { type Finding, listed } from './finding.js';

export type KernelFacts = {
  /** As uname -r has it: `6.1.0-18-amd64`. */
  readonly release: string;
  /** IPVS is there now. */
  readonly ipvs: boolean;
  /** Names of modules that are loaded or built in. */
  readonly loaded: ReadonlySet<string>;
  /** Names of those that can be loaded; undefined where /lib/modules does not have this kernel. */
  readonly loadable: ReadonlySet<string> | undefined;
  /** kernel.modules_disabled */
  readonly sealed: boolean;
};

/** NETLINK_GET_STRICT_CHK, without which a dump cannot be asked of one interface. */
const OLDEST = { major: 4, minor: 20 };

export function kernelFindings(config: Config, facts: KernelFacts): readonly Finding[] {
  const ipvs = config.virtualServers.length === 0 ? [] : ipvsFindings(config, facts);
  return [...versionFindings(facts), ...ipvs];
}

function versionFindings({ release }: KernelFacts): readonly Finding[] {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return [];
  return [
    {
      severity: 'error',
      check: 'kernel',
      what: `the kernel is ${release}`,
      meaning: `lvsd needs ${OLDEST.major}.${OLDEST.minor} or later: an older one does not answer what it asks of addresses and links.`,
      mend: 'boot a newer kernel',
    },
  ];
}

function ipvsFindings(config: Config, facts: KernelFacts): readonly Finding[] {
  if (!facts.ipvs) return [withoutIpvs(facts)];
  const missing = wantedModules(config).filter((name) => !has(facts, name));
  if (missing.length === 0) return [];
  return [
    {
      severity: 'error',
      check: 'scheduler',
      what: `the kernel has no ${listed(missing)}`,
      meaning: 'It refuses virtual servers that need it, and their clients are refused.',
      mend: facts.sealed
        ? 'kernel.modules_disabled forbids loading until the next boot: load it at boot'
        : `modprobe -a ${missing.join(' ')}`,
    },
  ];
}

function withoutIpvs(facts: KernelFacts): Finding {
  const loadable = facts.loadable?.has('ip_vs') === true && !facts.sealed;
  return {
    severity: 'error',
    check: 'ip_vs',
    what: loadable ? 'ip_vs is not loaded' : 'this kernel has no ip_vs',
    meaning: 'lvsd does not start: without IPVS there is nothing to balance with.',
    mend: loadable
      ? 'modprobe ip_vs'
      : 'a kernel package with ip_vs (lvsd run --dry-run checks servers without it)',
  };
}

function wantedModules({ virtualServers }: Config): readonly string[] {
  const names = virtualServers.flatMap(({ scheduler, persistenceEngine }) => [
    `ip_vs_${scheduler}`,
    ...(persistenceEngine === undefined ? [] : [`ip_vs_pe_${persistenceEngine}`]),
  ]);
  return [...new Set(names)];
}

/** A scheduler that can be loaded is loaded by the kernel when a service asks for it. */
function has({ loaded, loadable, sealed }: KernelFacts, name: string): boolean {
  return loaded.has(name) || (!sealed && loadable?.has(name) === true);
}
