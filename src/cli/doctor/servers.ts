/** Real servers as this machine reaches them: by ping, by ARP, and what their HTTP checks would be answered. Pure. */
import type { CheckerConfig, HttpGetConfig, UrlConfig } from '../../checkers/config.js';
import type { Config } from '../../config/config.js';
import { formatEndpoint, parseAddress } from '../../net/address.js';
import type { Prefix } from '../../net/route/route.js';
import { type Finding, listed, type Tally } from './finding.js';
import { serversOf } from './needs.js';

/** What was asked, and of each whether it answered: `undefined` where nothing was wrong, otherwise what was. */
export type Answers<T> = { readonly of: number; readonly answers: ReadonlyMap<T, string | undefined> };

export type HttpQuestion = { readonly checker: HttpGetConfig; readonly url: UrlConfig };

/** Where this machine is in the network. */
export type Place = {
  /** Its own addresses, which are no question. */
  readonly own: ReadonlySet<string>;
  /** IPv4 networks on its interfaces: whoever is in one is a neighbour. */
  readonly networks: readonly Prefix[];
};

/** Each address once. */
export function pingTargets(config: Config, { own }: Place): readonly string[] {
  return unique(serversOf(config).map(({ address }) => address)).filter((address) => !own.has(address));
}

/** Neighbours, and those of direct routing, which changes the frame alone, so that they must be. ARP is IPv4's. */
export function arpTargets(config: Config, { own, networks }: Place): readonly string[] {
  const asked = serversOf(config)
    .filter(({ family }) => family === 'ipv4')
    .filter(({ forwarding, address }) => forwarding.method === 'dr' || networks.some(holds(address)));
  return unique(asked.map(({ address }) => address)).filter((address) => !own.has(address));
}

function holds(address: string): (network: Prefix) => boolean {
  return (network) => {
    const differing = numberOf(address) ^ numberOf(network.address);
    return network.prefixLength > 0 && differing >>> (32 - network.prefixLength) === 0;
  };
}

function numberOf(ipv4: string): number {
  return Buffer.from(parseAddress(ipv4) ?? new Uint8Array(4)).readUInt32BE();
}

/** Those that an ordinary connection can ask: a mark, a port or an interface of its own cannot be given to it. */
export function httpQuestions({ checkers }: Config): readonly HttpQuestion[] {
  return checkers.filter(isHttp).flatMap((checker) => {
    const { fwmark, bindPort, bindInterface } = checker.connection;
    const plain = fwmark === 0 && bindPort === undefined && bindInterface === undefined;
    return plain ? checker.urls.map((url) => ({ checker, url })) : [];
  });
}

function isHttp(checker: CheckerConfig): checker is HttpGetConfig {
  return checker.type === 'HTTP_GET' || checker.type === 'SSL_GET';
}

/** What is wrong with a status; a digest or a regex is not looked at. */
export function judgeStatus(
  { statusCodes }: Pick<UrlConfig, 'statusCodes'>,
  status: number,
): string | undefined {
  if (statusCodes.some(({ from, to }) => from <= status && status <= to)) return undefined;
  const wanted = statusCodes.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  return `status ${status}, wanted ${wanted.join(' ')}`;
}

export function nameOf({ checker, url }: HttpQuestion): string {
  const { address, port } = checker.connection;
  return `${checker.type === 'SSL_GET' ? 'https' : 'http'}://${formatEndpoint(address, port)}${url.path}`;
}

export function tally<T>({ of, answers }: Answers<T>): Tally {
  const good = [...answers.values()].filter((fault) => fault === undefined).length;
  return { of, asked: answers.size, good };
}

export function pingFindings(answers: Answers<string>): readonly Finding[] {
  return finding(answers, {
    check: 'ping',
    what: 'answer no ping',
    meaning:
      'They are down, cannot be reached from here, or do not answer pings; PING_CHECK would find them down.',
    mend: (address) => `ping ${address}`,
    // Many a firewall drops pings.
    severity: () => 'warning',
  });
}

export function arpFindings(answers: Answers<string>): readonly Finding[] {
  return finding(answers, {
    check: 'arp',
    what: 'answer no ARP',
    meaning:
      'They are down, or on another network: direct routing (lb_kind DR) reaches none behind a router.',
    mend: (address) => `ip route get ${address}`,
    severity: allOrSome,
  });
}

export function httpFindings({ of, answers }: Answers<HttpQuestion>): readonly Finding[] {
  const named = new Map([...answers].map(([question, fault]) => [nameOf(question), fault]));
  return finding(
    { of, answers: named },
    {
      check: 'http',
      what: 'do not answer as their check wants',
      meaning: 'lvsd gives these real servers no clients.',
      mend: (url) => `curl -sv -o /dev/null ${url}`,
      severity: allOrSome,
    },
  );
}

type Kind = Pick<Finding, 'check' | 'what' | 'meaning'> & {
  readonly mend: (name: string) => string;
  readonly severity: (failed: number, asked: number) => Finding['severity'];
};

function finding(answers: Answers<string>, kind: Kind): readonly Finding[] {
  const failed = [...answers.answers].flatMap(([name, fault]) =>
    fault === undefined ? [] : [{ name, fault }],
  );
  const [first] = failed;
  if (first === undefined) return [];
  const { check, what, meaning, mend, severity } = kind;
  const names = failed.map(({ name, fault }) => (fault === '' ? name : `${name} (${fault})`));
  return [
    {
      severity: severity(failed.length, answers.answers.size),
      check,
      what: `${failed.length} of ${answers.answers.size} asked ${what}: ${listed(names)}`,
      meaning,
      mend: mend(first.name),
    },
  ];
}

/** That some are down is everyday, and what lvsd is for. */
function allOrSome(failed: number, asked: number): Finding['severity'] {
  return failed === asked ? 'error' : 'warning';
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** At most `most` of them, taken evenly from all. */
export function sample<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}
