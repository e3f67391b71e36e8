/** Gathers what there is to know of this machine, and has it judged. */
import type { Config } from '../../config/config.js';
import { SystemError } from '../../net/system-error.js';
import { absentFindings, fixedAddresses, leftoverFindings } from './addresses.js';
import type { DoctorReport, Finding } from './finding.js';
import { hostFindings, may } from './host.js';
import { kernelFindings } from './kernel.js';
import { linkFindings } from './links.js';
import { nftNeeds } from './needs.js';
import { isHeld, processFindings } from './processes.js';
import { nftFindings, scriptFindings, scriptsOf } from './programs.js';
import { reach } from './reach.js';
import { readHost } from './read-host.js';
import { readKernel } from './read-kernel.js';
import { absentHere, placeOf, readNetwork, reversePaths, setting } from './read-network.js';
import { readProcesses } from './read-processes.js';
import { readNft, readScripts } from './read-programs.js';
import { readStateDir } from './read-state-dir.js';
import { conntrackFindings, reversePathFindings, settingFindings } from './settings.js';
import { stateDirFindings } from './state-dir.js';

/** Of VRRP's process, where the file says nothing. */
const DEFAULT_PRIORITY = 50;

export async function examine(
  config: Config,
  stateDir: string,
): Promise<Pick<DoctorReport, 'findings' | 'asked'>> {
  const network = readNetwork();
  const { links, addresses } = network instanceof SystemError ? { links: [], addresses: [] } : network;
  const processes = readProcesses(stateDir);
  const needs = nftNeeds(config);
  const host = readHost(stateDir, config.vrrp?.process.rtPriority ?? DEFAULT_PRIORITY);
  const [folder, scripts, nft, absent, reached] = await Promise.all([
    readStateDir(stateDir),
    readScripts(scriptsOf(config)),
    needs.length > 0 ? readNft(may(host.capabilities, 'CAP_NET_ADMIN')) : undefined,
    absentHere(fixedAddresses(config)),
    reach(config, placeOf({ links, addresses })),
  ]);
  const findings = [
    ...kernelFindings(config, readKernel()),
    ...nftFindings(needs, nft),
    ...settingFindings(config, setting),
    ...conntrackFindings(config, setting),
    ...reversePathFindings(config, reversePaths(links)),
    ...(network instanceof SystemError ? [unreadable(network)] : linkFindings(config, links)),
    ...leftoverFindings(config, { links, addresses, held: isHeld(processes) }),
    ...absentFindings(absent),
    ...processFindings(processes),
    ...reached.findings,
    ...scriptFindings(scripts),
    ...hostFindings(config, host),
    ...stateDirFindings(folder),
  ];
  return { findings, asked: reached.asked };
}

function unreadable(error: SystemError): Finding {
  return {
    severity: 'error',
    check: 'interface',
    what: error.toString(),
    meaning: 'Interfaces and addresses cannot be read, by lvsd no more than by doctor.',
    mend: 'ip -br link',
  };
}
