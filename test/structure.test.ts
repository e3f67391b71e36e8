/** The laws of the tree: imports point down and never in a circle, and the files that decide cannot do anything. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = join(dirname(fileURLToPath(import.meta.url)), '../../src');

/** A folder may import from a lower rank, never from its own rank or above. Files directly in src are ranked by name. */
const RANK: Readonly<Record<string, number>> = {
  main: 9,
  cli: 8,
  supervisor: 7,
  processes: 6,
  admin: 5,
  config: 5,
  checkers: 4,
  pool: 4,
  vrrp: 4,
  ipvs: 3,
  nft: 3,
  fifo: 3,
  net: 2,
  script: 1,
  version: 0,
  settings: 1,
  log: 1,
  clock: 0,
  lateness: 0,
  complaint: 0,
  mail: 1,
};

/** Across these borders only types may pass: each module declares the configuration it needs, others fill it in. */
const TYPES_ONLY: readonly (readonly [from: string, to: string])[] = [
  ['pool', 'ipvs'],
  ['pool', 'nft'],
  ['admin', 'nft'],
  ['checkers', 'ipvs'],
  ['admin', 'checkers'],
  ['admin', 'pool'],
  ['admin', 'vrrp'],
];

/** Files that decide: no clock, no randomness, no async, no node: module but buffer. */
const PURE = [
  'net/address.ts',
  'net/checksum.ts',
  'net/mac.ts',
  'net/linux.ts',
  'net/sockaddr.ts',
  'net/control.ts',
  'net/ip-packet.ts',
  'ipvs/table.ts',
  'ipvs/codec.ts',
  'ipvs/diff.ts',
  'ipvs/uapi.ts',
  'ipvs/canonical.ts',
  'ipvs/drift.ts',
  'ipvs/codec/address.ts',
  'ipvs/codec/attributes.ts',
  'ipvs/codec/counters.ts',
  'ipvs/codec/daemon.ts',
  'ipvs/codec/destination.ts',
  'ipvs/codec/reply.ts',
  'ipvs/codec/request.ts',
  'ipvs/codec/service.ts',
  'ipvs/codec/settings.ts',
  'ipvs/codec/writer.ts',
  'ipvs/sync/connection.ts',
  'ipvs/sync/describe.ts',
  'ipvs/sync/message.ts',
  'cli/doctor/addresses.ts',
  'cli/doctor/finding.ts',
  'cli/doctor/host.ts',
  'cli/doctor/kernel.ts',
  'cli/doctor/links.ts',
  'cli/doctor/needs.ts',
  'cli/doctor/processes.ts',
  'cli/doctor/programs.ts',
  'cli/doctor/servers.ts',
  'cli/doctor/settings.ts',
  'cli/doctor/state-dir.ts',
  'cli/doctor/text.ts',
  'nft/admission.ts',
  'nft/crowding.ts',
  'nft/elements.ts',
  'nft/errors.ts',
  'nft/hold.ts',
  'nft/names.ts',
  'nft/read-back.ts',
  'nft/resize.ts',
  'nft/ruleset.ts',
  'admin/metrics/checks.ts',
  'admin/metrics/family.ts',
  'admin/metrics/pools.ts',
  'admin/metrics/process.ts',
  'admin/metrics/vrrp.ts',
  'checkers/agent-reply.ts',
  'checkers/health.ts',
  'checkers/http-reply.ts',
  'checkers/http-request.ts',
  'checkers/regex-match.ts',
  'net/agenda.ts',
  'net/icmp.ts',
  'processes/duties.ts',
  'processes/held.ts',
  'pool/pool.ts',
  'pool/server.ts',
  'pool/plan.ts',
  'pool/admission.ts',
  'pool/agent.ts',
  'pool/claims.ts',
  'pool/scale.ts',
  'pool/drain.ts',
  'pool/draining.ts',
  'pool/flow.ts',
  'pool/followed.ts',
  'pool/overflow.ts',
  'pool/ramp.ts',
  'pool/standing.ts',
  'pool/tally.ts',
  'pool/text.ts',
  'pool/weigh.ts',
  'pool/memory.ts',
  'pool/saved.ts',
  'pool/snapshot.ts',
  'config/arguments.ts',
  'config/build.ts',
  'config/built-ins.ts',
  'config/comment.ts',
  'config/physical-line.ts',
  'config/document.ts',
  'config/expand.ts',
  'config/glob.ts',
  'config/include.ts',
  'config/interpret.ts',
  'config/keyword.ts',
  'script/account.ts',
  'supervisor/silence.ts',
  'config/lexer.ts',
  'config/lookup.ts',
  'config/loops.ts',
  'config/names.ts',
  'config/nearest.ts',
  'config/parser.ts',
  'config/pcre.ts',
  'config/pcre-escape.ts',
  'config/quoting.ts',
  'config/report.ts',
  'config/schema.ts',
  'config/text.ts',
  'config/variables.ts',
  'vrrp/election/machine.ts',
  'vrrp/heirs.ts',
  'vrrp/packets/packet.ts',
  'vrrp/election/timers.ts',
  'vrrp/place/accept.ts',
  'vrrp/place/all-addresses.ts',
  'vrrp/place/made-link.ts',
  'vrrp/place/subnet.ts',
  'vrrp/track/down-delay.ts',
  'vrrp/place/arp.ts',
  'vrrp/place/ndp.ts',
  'vrrp/election/backup.ts',
  'vrrp/election/causes.ts',
  'vrrp/election/garp.ts',
  'vrrp/packets/drop-reasons.ts',
  'vrrp/election/group.ts',
  'vrrp/election/handover.ts',
  'vrrp/packets/ip-header.ts',
  'vrrp/election/master.ts',
  'vrrp/packets/receive.ts',
  'vrrp/election/stage.ts',
  'vrrp/packets/repeats.ts',
  'vrrp/election/state.ts',
  'vrrp/election/transitions.ts',
  'vrrp/member.ts',
  'vrrp/saved.ts',
  'vrrp/place/source.ts',
  'lateness.ts',
  'log/line.ts',
  'vrrp/sync.ts',
  'vrrp/notify/notice.ts',
  'vrrp/track/debounce.ts',
  'vrrp/place/not-in.ts',
  'vrrp/place/describe.ts',
  'vrrp/track/implied.ts',
  'vrrp/track/judge.ts',
  'vrrp/track/number.ts',
  'vrrp/track/process-match.ts',
  'vrrp/track/fitness.ts',
  'vrrp/track/members.ts',
  'vrrp/track/process-count.ts',
  'vrrp/track/script-health.ts',
];

type Import = { readonly target: string; readonly typesOnly: boolean };

const files = (readdirSync(source, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));

function text(file: string): string {
  return readFileSync(join(source, file), 'utf8');
}

function imports(file: string): Import[] {
  const found = text(file).matchAll(/^(?:import|export)\s+(type\s)?(?:([^'";]*?)\sfrom\s+)?'([^']+)'/gms);
  return [...found].map(([, type, , target = '']) => ({ target, typesOnly: type !== undefined }));
}

function moduleOf(file: string): string {
  return file.split('/')[0]?.replace(/\.[jt]s$/, '') ?? '';
}

function localImports(file: string): { readonly to: string; readonly typesOnly: boolean }[] {
  return imports(file)
    .filter(({ target }) => target.startsWith('.'))
    .map(({ target, typesOnly }) => ({ to: moduleOf(normalize(join(dirname(file), target))), typesOnly }))
    .filter(({ to }) => to !== moduleOf(file));
}

/** The files within src that a file imports. */
function neighbours(file: string): string[] {
  return imports(file)
    .filter(({ target }) => target.startsWith('.'))
    .map(({ target }) => normalize(join(dirname(file), target)).replace(/\.js$/, '.ts'));
}

/** Every circle, as the way around it; types count as well, for a reader has to follow them all the same. */
function circles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const next of neighbours(file)) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

describe('structure of src', () => {
  for (const file of files) {
    it(`${file} imports downward only`, () => {
      const from = moduleOf(file);
      assert.ok(from in RANK, `src/${from} has no rank: add it to RANK or put the file where it belongs`);
      for (const { to, typesOnly } of localImports(file)) {
        assert.ok(
          (RANK[to] ?? Infinity) < (RANK[from] ?? 0),
          `${file} imports ${to}, which is not below ${from}`,
        );
        const bounded = TYPES_ONLY.some(([a, b]) => a === from && b === to);
        assert.ok(!bounded || typesOnly, `${file} may import only types from ${to}: use import type`);
      }
    });
  }

  it('has no circle of imports', () => assert.deepEqual(circles(), []));

  for (const file of PURE) {
    it(`${file} is pure`, () => {
      assert.ok(files.includes(file), `src/${file} is gone: take it off the list of pure files`);
      const foreign = imports(file).filter(
        ({ target }) => !target.startsWith('.') && target !== 'node:buffer',
      );
      assert.deepEqual(
        foreign.map(({ target }) => target),
        [],
        'a pure file imports nothing from outside',
      );
      const code = text(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const impure =
        /\b(Date\.now|new Date\(|performance\.|Math\.random|setTimeout|setInterval|setImmediate|async\b|await\b|process\.)/;
      assert.doesNotMatch(code, impure);
    });
  }
});
