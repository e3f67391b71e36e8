/**
 * Clients of a web server, in a host of the lab: each opens a connection, asks for a page, and stays. A line of standard input is a
 * CrowdOrder as JSON, a line of output the CrowdResult, in their order. Those that came to stay leave by `leave`.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export type CrowdOrder = { readonly host: string; readonly port?: number } & (
  | { readonly do: 'come'; readonly count: number }
  /** So many a second, each for a time; `uneven`: for one of up to twice that. */
  | {
      readonly do: 'pass';
      readonly rate: number;
      readonly forMs: number;
      readonly stayMs: number;
      readonly uneven?: boolean;
    }
  /** One after another, each leaving at once, until one is answered by a server whose name begins so. */
  | { readonly do: 'try'; readonly until: string; readonly withinMs: number }
  /** A packet from each of so many ports. */
  | { readonly do: 'send'; readonly count: number }
  | { readonly do: 'leave' }
);

/** How many each server answered, and how many failed for each reason; how long it took. */
export type CrowdResult = {
  readonly servers: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly ms: number;
};

const ANSWER_MS = 20_000;
const AT_A_TIME = 16;
const LEAVE_MS = 3000;
/** Who came to stay. */
const staying = new Set<Socket>();

for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const counts = await obey(JSON.parse(line) as CrowdOrder);
  process.stdout.write(`${JSON.stringify({ ...counts, ms: Math.round(performance.now() - began) })}\n`);
}

async function obey(order: CrowdOrder): Promise<Omit<CrowdResult, 'ms'>> {
  const counts = { servers: {}, failures: {} };
  switch (order.do) {
    case 'come':
      await come(order, counts);
      return counts;
    case 'pass':
      await pass(order, counts);
      return counts;
    case 'try':
      await tryUntil(order, counts);
      return counts;
    case 'send':
      await send(order);
      return counts;
    case 'leave':
      await leave();
      return counts;
  }
}

type Order<Do> = Extract<CrowdOrder, { readonly do: Do }>;
type Counts = { readonly servers: Record<string, number>; readonly failures: Record<string, number> };

async function come(order: Order<'come'>, counts: Counts): Promise<void> {
  let left = order.count;
  const inTurn = async () => {
    while (left-- > 0) {
      const socket = await ask(order, counts);
      if (socket !== undefined) staying.add(socket);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, inTurn));
}

/** Done when every server has closed its half, too; one that was taken away never does. */
async function leave(): Promise<void> {
  const left = [...staying].map((socket) => new Promise((closed) => socket.once('close', closed).end()));
  staying.clear();
  await Promise.race([Promise.all(left), new Promise((resolve) => setTimeout(resolve, LEAVE_MS))]);
}

function pass(order: Order<'pass'>, counts: Counts): Promise<void> {
  return pace(order.rate, order.forMs, async () => {
    const socket = await ask(order, counts);
    setTimeout(() => socket?.end(), order.stayMs * (order.uneven ? 2 * Math.random() : 1));
  });
}

/** Begins so many visits a second for so long; done when all have been. */
function pace(rate: number, forMs: number, visit: () => Promise<void>): Promise<void> {
  const began = performance.now();
  const visits: Promise<void>[] = [];
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const passed = performance.now() - began;
      while (visits.length < Math.round((Math.min(passed, forMs) / 1000) * rate)) visits.push(visit());
      if (passed < forMs) return;
      clearInterval(timer);
      resolve(Promise.all(visits).then(() => {}));
    }, 5);
  });
}

async function tryUntil(order: Order<'try'>, counts: Counts): Promise<void> {
  const endAt = performance.now() + order.withinMs;
  const served = () => Object.keys(counts.servers).some((name) => name.startsWith(order.until));
  while (!served() && performance.now() < endAt) (await ask(order, counts))?.end();
}

async function send({ host, port = 80, count }: Order<'send'>): Promise<void> {
  const sockets: UdpSocket[] = [];
  for (let n = 0; n < count; n++) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    sockets.push(socket);
    socket.on('error', () => {});
    await new Promise<void>((sent) => socket.send('hello', port, host, () => sent()));
  }
  for (const socket of sockets) socket.close();
}

/** Resolves when it is answered, undefined when it is not. */
function ask({ host, port = 80 }: CrowdOrder, { servers, failures }: Counts): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const fail = (why: string) => {
      failures[why] = (failures[why] ?? 0) + 1;
      finish(undefined);
    };
    const finish = (result: Socket | undefined) => {
      clearTimeout(timer);
      socket.removeAllListeners().on('error', () => {});
      if (result === undefined) socket.destroy();
      else socket.resume();
      resolve(result);
    };
    const timer = setTimeout(() => fail('timeout'), ANSWER_MS);
    socket.setEncoding('latin1');
    socket.on('error', (error: NodeJS.ErrnoException) => fail(String(error.code)));
    socket.on('end', () => fail('closed'));
    socket.write('GET / HTTP/1.1\r\nHost: lab\r\n\r\n');
    socket.on('data', (text: string) => {
      const server = /^x-server: (\S+)$/im.exec(text)?.[1];
      if (server === undefined) return;
      servers[server] = (servers[server] ?? 0) + 1;
      finish(socket);
    });
  });
}
