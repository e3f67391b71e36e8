import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { askEach } from '../../../src/cli/doctor/ask.js';
import {
  arpFindings,
  arpTargets,
  httpFindings,
  httpQuestions,
  judgeStatus,
  nameOf,
  pingFindings,
  pingTargets,
  sample,
  tally,
} from '../../../src/cli/doctor/servers.js';
import { loadClean } from '../../support/config.js';
import { brief, service } from '../../support/doctor.js';

describe('doctor: whom it asks', () => {
  const text = `${service({ more: 'sorry_server 10.0.0.20 80' })}${service({ head: '10.0.0.101 80', kind: 'DR' })}${service({ head: 'fd00::64 80', kind: 'DR' })}`;
  const alone = { own: new Set<string>(), networks: [] };
  const network = (address: string, prefixLength: number) => ({
    ...alone,
    networks: [{ address, prefixLength }],
  });

  it('pings each address once, real and sorry servers alike, but for its own', () => {
    const config = loadClean(text);
    assert.deepEqual(pingTargets(config, alone).toSorted(), ['10.0.0.11', '10.0.0.20', 'fd00::11']);
    assert.deepEqual(pingTargets(config, { ...alone, own: new Set(['10.0.0.20', 'fd00::11']) }), [
      '10.0.0.11',
    ]);
  });

  it('asks by ARP for the IPv4 servers of direct routing, and for its neighbours', () => {
    const [mixed, nat] = [loadClean(text), loadClean(service())];
    assert.deepEqual(arpTargets(mixed, alone), ['10.0.0.11']);
    assert.deepEqual(arpTargets(mixed, { ...alone, own: new Set(['10.0.0.11']) }), []);
    assert.deepEqual(arpTargets(mixed, network('10.0.0.16', 28)).toSorted(), ['10.0.0.11', '10.0.0.20']);
    assert.deepEqual(arpTargets(nat, alone), []);
    assert.deepEqual(arpTargets(nat, network('10.0.0.2', 24)), ['10.0.0.11']);
    assert.deepEqual(arpTargets(nat, network('10.0.0.10', 31)), ['10.0.0.11']);
    assert.deepEqual(arpTargets(nat, network('10.0.1.2', 24)), []);
    assert.deepEqual(arpTargets(nat, network('0.0.0.0', 0)), []);
  });

  it('gets every url of HTTP checks that an ordinary connection can', () => {
    const http = (more = '') =>
      service({ server: `HTTP_GET {\nurl {\npath /a\n}\nurl {\npath /b\n}\nconnect_port 8080\n${more}\n}` });
    const names = (config: string) => httpQuestions(loadClean(config)).map(nameOf);
    assert.deepEqual(names(http()), ['http://10.0.0.11:8080/a', 'http://10.0.0.11:8080/b']);
    assert.deepEqual(names(http('fwmark 3')), []);
    assert.deepEqual(names(http('bind_if eth0')), []);
    const tls = service({ head: 'fd00::64 443', server: 'SSL_GET {\nurl {\npath /\n}\n}' });
    assert.deepEqual(names(tls), ['https://[fd00::11]:80/']);
    assert.deepEqual(names(service({ server: 'TCP_CHECK {\n}' })), []);
  });

  it('takes a few evenly from many', () => {
    assert.deepEqual(sample([1, 2, 3], 3), [1, 2, 3]);
    assert.deepEqual(sample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 2, 5, 7]);
  });
});

describe('doctor: what servers answered', () => {
  const answers = (...faults: readonly (string | undefined)[]) => ({
    of: faults.length,
    answers: new Map(faults.map((fault, i) => [`10.0.0.${i + 1}`, fault])),
  });

  it('is nothing to tell when all is well, or nobody was asked', () => {
    for (const find of [pingFindings, arpFindings]) {
      assert.deepEqual(find(answers(undefined, undefined)), []);
      assert.deepEqual(find({ of: 5, answers: new Map() }), []);
    }
  });

  it('no ping is a warning, for firewalls drop them', () => {
    assert.deepEqual(brief(pingFindings(answers('', ''))), [
      'warning ping: 2 of 2 asked answer no ping: 10.0.0.1, 10.0.0.2 → ping 10.0.0.1',
    ]);
  });

  it('some without ARP are down, all without are unreachable', () => {
    assert.match(brief(arpFindings(answers(undefined, '')))[0] ?? '', /^warning arp: 1 of 2 .*10\.0\.0\.2 →/);
    assert.match(brief(arpFindings(answers('', '')))[0] ?? '', /^error arp: 2 of 2 /);
  });

  it('a status is wanted or not', () => {
    const url = {
      statusCodes: [
        { from: 200, to: 299 },
        { from: 401, to: 401 },
      ],
    };
    for (const status of [200, 299, 401]) assert.equal(judgeStatus(url, status), undefined, String(status));
    assert.equal(judgeStatus(url, 300), 'status 300, wanted 200-299 401');
  });

  it('a url that fails its check is named with the reason', () => {
    const questions = httpQuestions(
      loadClean(service({ server: 'HTTP_GET {\nurl {\npath /a\n}\nurl {\npath /b\n}\n}' })),
    );
    const found = (...faults: readonly (string | undefined)[]) =>
      brief(httpFindings({ of: 2, answers: new Map(questions.map((question, i) => [question, faults[i]])) }));
    assert.deepEqual(found(undefined, undefined), []);
    assert.deepEqual(found(undefined, 'status 404, wanted 200-299'), [
      'warning http: 1 of 2 asked do not answer as their check wants: http://10.0.0.11:80/b (status 404, wanted 200-299) → curl -sv -o /dev/null http://10.0.0.11:80/b',
    ]);
    assert.match(found('x', 'y')[0] ?? '', /^error http: 2 of 2/);
  });

  it('is counted', () => {
    assert.deepEqual(tally({ ...answers(undefined, '', undefined), of: 9 }), { of: 9, asked: 3, good: 2 });
  });
});

describe('doctor: asking', () => {
  const patience = { most: 100, atOnce: 2, withinMs: 60_000 };

  it('is done by so many at a time, and answers come in the order of the questions', async () => {
    let [now, most] = [0, 0];
    const { answers } = await askEach([3, 1, 2], patience, async (ms) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(ms * 5);
      now -= 1;
      return ms === 1 ? 'bad' : undefined;
    });
    assert.equal(most, 2);
    assert.deepEqual(
      [...answers],
      [
        [3, undefined],
        [1, 'bad'],
        [2, undefined],
      ],
    );
  });

  it('ends in time: who has not answered by then was not asked', async () => {
    const startedAt = performance.now();
    const { of, answers } = await askEach([1, 2, 3, 4], { ...patience, withinMs: 50 }, (one) =>
      one > 1 ? new Promise<undefined>(() => {}) : Promise.resolve(undefined),
    );
    assert.ok(performance.now() - startedAt < 10_000);
    assert.deepEqual([of, [...answers.keys()]], [4, [1]]);
  });
});
