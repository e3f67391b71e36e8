/** What children that are started again are told of the time before. */
import assert from 'node:assert/strict';
import type { News } from '../../src/processes/messages.js';
import { createNewsBoard } from '../../src/supervisor/news.js';
import type { Stage } from '../../src/vrrp/election/stage.js';
import { createFakeClock } from '../support/fake-clock.js';

const stage = (instance: string, stage: Stage): News => ({ kind: 'stage', instance, stage });
const [backup, master] = [{ name: 'backup' }, { name: 'master' }] as const;
const taking: Stage = { name: 'taking-over', inMs: 600 };

describe('supervisor/news', () => {
  it('each child is told the last of each kind that is its business', () => {
    const board = createNewsBoard(createFakeClock());
    const all: News[] = [
      { kind: 'pools', up: { a: true } },
      { kind: 'masters', names: ['VI_1'] },
      { kind: 'checks', run: false },
      { kind: 'starts', counts: { 'lvsd-lvs': 1 } },
    ];
    board.note({ kind: 'masters', names: [] });
    for (const news of all) board.note(news);
    assert.deepEqual(board.of('lvsd-vrrp'), [all[0], all[2]]);
    assert.deepEqual(board.of('lvsd-lvs'), [all[1], all[3]]);
  });

  it('of each instance: where it stands and where it came from, and how long ago that was', () => {
    const clock = createFakeClock();
    const board = createNewsBoard(clock);
    board.note(stage('VI_1', backup));
    board.note(stage('VI_2', backup));
    clock.advance(1000);
    board.note(stage('VI_1', taking));
    clock.advance(600);
    board.note(stage('VI_1', master));
    clock.advance(400);
    assert.deepEqual(board.of('lvsd-lvs'), [
      { ...stage('VI_1', taking), agoMs: 1000 },
      { ...stage('VI_1', master), agoMs: 400 },
      { ...stage('VI_2', backup), agoMs: 2000 },
    ]);
  });

  it('nothing where nothing was told', () => {
    assert.deepEqual(createNewsBoard(createFakeClock()).of('lvsd-lvs'), []);
  });
});
