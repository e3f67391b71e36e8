/** What HTTP_GET and SSL_GET have beyond other checkers. */
import type { HttpGetConfig, RegexConfig, TlsOptions, UrlConfig } from '../../checkers/config.js';
import { argumentsOf, reject, rejectFirst } from '../arguments.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import { translatePcre } from '../pcre.js';
import type { sslGet, sslUrl } from '../schema/checkers.js';
import { type Defaults, errorAt, optional, type Statement, warnAt } from './values.js';

type HttpValues = Values<typeof sslGet>;
type UrlSection = Section<true, typeof sslUrl>;
type UrlValues = UrlSection['values'];

export type HttpParts = Pick<HttpGetConfig, 'httpProtocol' | 'fastRecovery' | 'tls' | 'urls'>;

export type HttpContext = {
  readonly type: 'HTTP_GET' | 'SSL_GET';
  readonly entry: Statement;
  /** The real or virtual server's. */
  readonly virtualhost: string | undefined;
};

/** Undefined, and said why, when there is no url to ask for. */
export function buildHttp(
  values: HttpValues,
  context: HttpContext,
  defaults: Defaults,
): HttpParts | undefined {
  const virtualhost = setting(values.virtualhost) ?? context.virtualhost;
  const entries = values.url ?? [];
  if (entries.length === 0) errorAt(defaults, context.entry, `${context.type}: expected at least one url`);
  const urls = entries.flatMap((entry) => buildUrl(entry, virtualhost, defaults) ?? []);
  if (urls.length === 0) return undefined;
  return {
    httpProtocol: setting(values.http_protocol) ?? '1.0',
    fastRecovery: setting(values.fast_recovery) ?? false,
    ...(context.type === 'SSL_GET' ? { tls: buildTls(values, defaults) } : {}),
    urls,
  };
}

function buildTls(values: HttpValues, { tls }: Defaults): TlsOptions {
  const sniName = setting(values.sni_name);
  return {
    enableSni: setting(values.enable_sni) ?? sniName !== undefined,
    ...optional('sniName', sniName),
    tlsCompliant: setting(values.tls_compliant) ?? false,
    verify: setting(values.tls_verify) ?? false,
    ...tls,
  };
}

function buildUrl(
  entry: Entry<UrlSection>,
  inherited: string | undefined,
  defaults: Defaults,
): UrlConfig | undefined {
  const { values } = entry.value;
  const path = setting(values.path);
  if (path === undefined) {
    if (values.path === undefined) errorAt(defaults, entry, 'url: expected a path in it');
    return undefined;
  }
  return {
    path,
    ...optional('virtualhost', setting(values.virtualhost) ?? inherited),
    statusCodes: setting(values.status_code) ?? [{ from: 200, to: 299 }],
    ...optional('digest', setting(values.digest)),
    ...optional('regex', buildRegex(values, defaults)),
    ...optional('tlsCompliant', setting(values.tls_compliant)),
  };
}

function buildRegex(values: UrlValues, defaults: Defaults): RegexConfig | undefined {
  const regex = values.regex?.[0];
  if (regex === undefined) {
    const { regex_no_match, regex_options, regex_min_offset, regex_max_offset } = values;
    for (const option of [regex_no_match, regex_options, regex_min_offset, regex_max_offset]) {
      if (option?.[0] !== undefined)
        warnAt(defaults, option[0], `${option[0].statement.keyword}: ignored without regex`);
    }
    return undefined;
  }
  const translated = translatePcre(regex.value, setting(values.regex_options) ?? []);
  if ('fault' in translated) {
    const options = translated.option === undefined ? undefined : values.regex_options?.[0];
    const args = argumentsOf((options ?? regex).statement, defaults.report);
    const word = args.words.find(({ text }) => text === translated.option) ?? args.words[0];
    return reject(args, word, translated.fault);
  }
  return {
    ...translated,
    noMatch: setting(values.regex_no_match) ?? false,
    ...buildOffsets(values, defaults),
  };
}

function buildOffsets(values: UrlValues, defaults: Defaults): Pick<RegexConfig, 'minOffset' | 'maxOffset'> {
  const minOffset = setting(values.regex_min_offset) ?? 0;
  const max = values.regex_max_offset?.[0];
  if (max !== undefined && minOffset > max.value) {
    const text = `expected at least regex_min_offset, which is ${minOffset}`;
    rejectFirst(max.statement, defaults.report, text);
  }
  return { minOffset, ...optional('maxOffset', max?.value) };
}
