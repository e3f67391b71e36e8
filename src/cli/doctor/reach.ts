/** Asks the real servers, by each way that has the programs it takes. */
import type { Config } from '../../config/config.js';
import { askByArp } from './ask-arp.js';
import { askByHttp } from './ask-http.js';
import { askByPing } from './ask-ping.js';
import type { DoctorReport, Finding } from './finding.js';
import { hasProgram } from './read-programs.js';
import {
  type Answers,
  arpFindings,
  arpTargets,
  httpFindings,
  httpQuestions,
  type Place,
  pingFindings,
  pingTargets,
  tally,
} from './servers.js';

export async function reach(config: Config, place: Place): Promise<Pick<DoctorReport, 'findings' | 'asked'>> {
  const [pings, arps] = [pingTargets(config, place), arpTargets(config, place)];
  const [hasPing, hasArp] = await Promise.all(['ping', 'arp'].map(hasProgram));
  const [ping, arp, http] = await Promise.all([
    hasPing ? askByPing(pings) : nobody(pings),
    hasPing && hasArp ? askByArp(arps) : nobody(arps),
    askByHttp(httpQuestions(config)),
  ]);
  const findings = [
    ...(hasPing || pings.length === 0 ? [] : [lacking('ping', 'iputils-ping', 'ping or ARP')]),
    ...(hasArp || arps.length === 0 ? [] : [lacking('arp', 'net-tools', 'ARP')]),
    ...pingFindings(ping),
    ...arpFindings(arp),
    ...httpFindings(http),
  ];
  return { findings, asked: { ping: tally(ping), arp: tally(arp), http: tally(http) } };
}

function nobody(all: readonly string[]): Answers<string> {
  return { of: all.length, answers: new Map() };
}

function lacking(program: string, packageName: string, way: string): Finding {
  return {
    severity: 'warning',
    check: program,
    what: `there is no program ${program} in PATH`,
    meaning: `The real servers were not asked by ${way}. lvsd itself does without it.`,
    mend: `apt-get install ${packageName}`,
  };
}
