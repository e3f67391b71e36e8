import assert from 'node:assert/strict';
import { parseTable } from '../../lab/ipvs.js';
import { type Asked, serverOf } from '../../lab/request.js';
import { failuresOutside, summarise, timeline } from '../../lab/summary.js';
import type { Told, Turn } from '../../lab/told.js';
import { openVerdict } from '../../lab/verdict.js';

const answer = (at: number, server: string, ms = 5): Asked => ({ at, ms, server });
const refusal = (at: number, ms = 1): Asked => ({ at, ms, failure: 'refused' });

describe('lab: counting requests', () => {
  it('counts answers by server and failures by reason', () => {
    const summary = summarise([
      answer(0, 'rs1'),
      answer(1, 'rs2', 9),
      answer(2, 'rs1'),
      refusal(3),
      { at: 4, ms: 9, failure: 'timeout' },
    ]);
    assert.deepEqual(summary, {
      requests: 5,
      answered: 3,
      failed: 2,
      failures: { refused: 1, timeout: 1 },
      servers: { rs1: 2, rs2: 1 },
      p50Ms: 5,
      p99Ms: 9,
    });
  });

  it('has a step for a time in which nobody asked', () => {
    const steps = timeline([answer(1_000, 'rs1'), refusal(3_500)], 1_000);
    assert.deepEqual(
      steps.map(({ at, requests, failed }) => [at, requests, failed]),
      [
        [1_000, 1, 0],
        [2_000, 0, 0],
        [3_000, 1, 1],
      ],
    );
    assert.deepEqual(timeline([], 1_000), []);
  });

  it('excuses a failure that was under way in a span, and no other', () => {
    const span = { from: 100, to: 200 };
    const [early, into, within, late] = [refusal(90, 5), refusal(90, 20), refusal(200), refusal(201)];
    assert.deepEqual(failuresOutside([early, into, within, late, answer(0, 'rs1')], [span]), [early, late]);
  });

  it('takes a page for an answer only when it is whole', () => {
    const page = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Server: rs1\r\n\r\n';
    assert.equal(serverOf(`${page}12345`), 'rs1');
    assert.equal(serverOf(`${page}1234`), undefined);
    assert.equal(serverOf(`${page.replace('200', '502')}12345`), undefined);
  });
});

describe('lab: reading /proc/net/ip_vs', () => {
  it('reads services of both families and marks, with their servers', () => {
    const table = parseTable(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A000064:0050 wrr persistent 300 FFFFFFFF
  -> 0A00000B:0050      Masq    1      4          8
  -> 0A00000C:1F90      Route   0      0          1
UDP  [fd00:0000:0000:0000:0000:0000:0000:0064]:0035 mh
  -> [fd00:0000:0000:0000:0000:0000:0000:0011]:0035      Tunnel  3      0          0
FWM  0000000A rr
`);
    assert.deepEqual(
      table.map(({ protocol, address, scheduler, flags }) => [protocol, address, scheduler, flags]),
      [
        ['TCP', '10.0.0.100:80', 'wrr', 'persistent 300 FFFFFFFF'],
        ['UDP', '[fd00::64]:53', 'mh', ''],
        ['FWM', '10', 'rr', ''],
      ],
    );
    assert.deepEqual(table[0]?.servers[1], {
      address: '10.0.0.12:8080',
      method: 'Route',
      weight: 0,
      active: 0,
      inactive: 1,
    });
    assert.equal(table[1]?.servers[0]?.address, '[fd00::11]:53');
  });
});

describe('lab: the verdict of npm start', () => {
  const turn = (what: string, doneAt: number, noticedAt: number, excuse?: Turn['excuse']): Turn => ({
    what,
    doneAt,
    noticedAt,
    ...(excuse && { excuse }),
  });
  const servers = ['rs1', 'rs2', 'rs3'];
  const serverAt = (at: number) => (at >= 30_000 && at < 39_000 ? 'sorry' : (servers[(at / 20) % 3] ?? ''));
  const kept = (at: number) =>
    at > 11_000 && at < 20_000 && serverAt(at) === 'rs1' ? answer(at, 'rs2') : answer(at, serverAt(at));
  const good: Told = {
    requests: [
      ...Array.from({ length: 5_500 }, (_, n) => kept(n * 20)),
      refusal(10_500),
      refusal(29_990),
      refusal(70_900),
      refusal(71_000),
    ],
    rate: 50,
    beganAt: 0,
    endedAt: 110_000,
    servers: {
      death: turn('rs1 killed', 10_000, 11_000, 'the check that noticed'),
      rebirth: turn('rs1 started', 19_000, 20_000),
      blackout: turn('all three killed', 29_000, 30_000, 'the check that noticed'),
      dawn: turn('all three started', 38_000, 39_500),
    },
    sorryGoneAt: 39_000,
    directors: {
      handover: turn('handover', 50_000, 50_500),
      back: turn('back', 60_000, 61_500),
      cut: turn('cut', 70_000, 71_500, 'the takeover'),
      mended: turn('mended', 80_000, 84_500),
      killed: turn('killed', 90_000, 91_500, 'the takeover'),
      returned: turn('returned', 100_000, 104_500),
    },
  };
  const broken = (change: Partial<Told>) =>
    openVerdict({ ...good, ...change }).lines.filter((line) => line.includes('BROKEN'));

  it('finds every promise kept in a good story, and counts what failed in each gap', () => {
    const verdict = openVerdict(good);
    assert.deepEqual([verdict.held, broken({})], [true, []]);
    const text = verdict.lines.join('\n');
    assert.match(text, /failed {4}4 \(4 refused\)/);
    assert.match(text, /^ +1 {2}rs1 killed: until the check that noticed, 1000 ms \(1 refused\)$/m);
    assert.match(text, /^ +0 {2}handover: followed after 500 ms$/m);
    assert.match(text, /^ +2 {2}cut: until the takeover, 1500 ms \(2 refused\)$/m);
    assert.doesNotMatch(text, /unexpected/);
  });

  const breaches: readonly (readonly [string, Partial<Told>, RegExp])[] = [
    [
      'a failure at the return of a server',
      { requests: [...good.requests, refusal(19_500)] },
      /between a death and the check/,
    ],
    [
      'a failure as the sorry server goes',
      { requests: [...good.requests, refusal(38_900)] },
      /between a death and the check/,
    ],
    [
      'a failure before anything was done',
      { requests: [refusal(100), ...good.requests] },
      /between a death and the check/,
    ],
    [
      'a failure at a hand-over',
      { requests: [...good.requests, refusal(50_100)] },
      /at a hand-over, nor at the way back/,
    ],
    [
      'a request that was under way as the addresses went back',
      { requests: [...good.requests, refusal(59_990, 700)] },
      /at a hand-over, nor at the way back/,
    ],
    [
      'a failure after the takeover',
      { requests: [...good.requests, refusal(91_600)] },
      /after a dead director was replaced/,
    ],
    [
      "a failure at a director's return",
      { requests: [...good.requests, refusal(104_000)] },
      /at a director's return/,
    ],
    [
      'a sorry page of a director that has been cut off',
      { requests: [...good.requests, answer(84_400, 'sorry')] },
      /only while all were down/,
    ],
    [
      'a sorry page while servers were up',
      { requests: [...good.requests, answer(5_000, 'sorry')] },
      /only while all were down/,
    ],
    [
      "a real server's page while all were down",
      { requests: [...good.requests, answer(35_000, 'rs1')] },
      /answered everyone/,
    ],
    ['a client that stalled', { requests: good.requests.filter((_, n) => n % 5 > 0) }, /kept asking/],
    [
      'a server that never came back',
      {
        requests: good.requests.map((asked) =>
          'server' in asked && asked.server === 'rs1' ? answer(asked.at, 'rs2') : asked,
        ),
      },
      /rs1 answered again/,
    ],
    ['no request at all', { requests: [] }, /kept asking/],
  ];
  for (const [what, change, promise] of breaches) {
    it(`finds the promise broken by ${what}`, () => {
      const lines = broken(change);
      assert.ok(
        lines.some((line) => promise.test(line)),
        lines.join('\n'),
      );
      assert.equal(openVerdict({ ...good, ...change }).held, false);
    });
  }
});
