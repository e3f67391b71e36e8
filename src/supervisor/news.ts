/** What the children must know whenever they are started: the last that was told, and how long ago where that counts. */
import type { Clock } from '../clock.js';
import type { ChildName, News } from '../processes/messages.js';

export type NewsBoard = {
  readonly note: (news: News) => void;
  /** What a child that begins now is to be told. */
  readonly of: (child: ChildName) => readonly News[];
};

type StageNews = Extract<News, { kind: 'stage' }>;

/** What a director owes the connections in a move follows from where it stands and from where it came. */
const STAGES = 2;

export function createNewsBoard({ now }: Pick<Clock, 'now'>): NewsBoard {
  const latest = new Map<News['kind'], News>();
  /** By instance, oldest first. */
  const stages = new Map<string, readonly { readonly news: StageNews; readonly at: number }[]>();
  return {
    note: (news) => {
      if (news.kind === 'stage') noteStage(news);
      else latest.set(news.kind, news);
    },
    of: (child) => [...latest.values(), ...stagesNow()].filter((news) => recipientOf(news) === child),
  };

  function noteStage(news: StageNews): void {
    const before = stages.get(news.instance) ?? [];
    stages.set(news.instance, [...before, { news, at: now() }].slice(-STAGES));
  }

  function stagesNow(): readonly StageNews[] {
    return [...stages.values()].flat().map(({ news, at }) => ({ ...news, agoMs: now() - at }));
  }
}

export function recipientOf({ kind }: News): ChildName {
  switch (kind) {
    case 'pools':
    case 'checks':
      return 'lvsd-vrrp';
    case 'starts':
    case 'masters':
    case 'stage':
      return 'lvsd-lvs';
  }
}
