/**
 * A kernel with IPVS, for tests: takes netlink requests as bytes and answers with ACK, error or multipart dump.
 * Its place is under the client, where the socket would be. Answers come in microtasks.
 */
import { constants } from 'node:os';
import { capacityOf, type OpenTransport, type TransportEvents } from '../../src/ipvs/transport.js';
import {
  type Attrs,
  ackMessage,
  dataMessage,
  doneMessage,
  Errno,
  nest,
  nested,
  parseRequests,
  type Request,
  u16,
  u32,
} from './fake-kernel-bytes.js';
import * as tables from './fake-kernel-table.js';

const { EBUSY, EINVAL, ENOBUFS, ENOENT, EOPNOTSUPP, ESRCH } = constants.errno;
const GENL_ID_CTRL = 16;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
/** What one message of n bytes takes of a socket's buffer (struct sk_buff and its rounding up). */
const truesize = (bytes: number) => Math.max(768, 2 ** Math.ceil(Math.log2(bytes + 320)) + 256);
const SEND_BUFFER_BYTES = 2 << 20;
/** How much of a dump goes into one datagram. */
const DUMP_BYTES = 3776;

export type FakeKernel = {
  readonly open: OpenTransport;
  readonly table: tables.FakeTable;
  /** How many messages each datagram received had. */
  readonly datagrams: number[];
  /** Names of the commands received, in order. */
  readonly commands: string[];
  /** Number of the IPVS family; undefined while the module is not loaded. */
  family: number | undefined;
  /** Of sockets opened from now on: at first what one gets that may ask for more than the default. */
  receiveBufferBytes: number;
  /** Called for each request; an errno returned refuses it. */
  refuse: (command: string, request: Request) => number | undefined;
  /** Called for each datagram about to be delivered; returns what to deliver instead. */
  tamper: (datagram: Buffer) => readonly Buffer[];
  /** Sockets open. */
  readonly sockets: () => number;
};

const COMMANDS = [
  'UNSPEC NEW_SERVICE SET_SERVICE DEL_SERVICE GET_SERVICE NEW_DEST SET_DEST DEL_DEST GET_DEST',
  'NEW_DAEMON DEL_DAEMON GET_DAEMON SET_CONFIG GET_CONFIG SET_INFO GET_INFO ZERO FLUSH',
]
  .join(' ')
  .split(' ');

export function createFakeKernel(): FakeKernel {
  let sockets = 0;
  const kernel: FakeKernel = {
    table: tables.createFakeTable(),
    datagrams: [],
    commands: [],
    family: 28,
    receiveBufferBytes: 8 << 20,
    refuse: () => undefined,
    tamper: (datagram) => [datagram],
    sockets: () => sockets,
    open: (events) => {
      sockets++;
      const socket = createSocket(kernel, events);
      return {
        send: socket.send,
        capacity: capacityOf(kernel.receiveBufferBytes, SEND_BUFFER_BYTES),
        close: () => {
          sockets--;
          socket.close();
        },
      };
    },
  };
  return kernel;
}

function createSocket(kernel: FakeKernel, events: TransportEvents) {
  const queue: Buffer[] = [];
  const { receiveBufferBytes } = kernel;
  let queuedBytes = 0;
  let open = true;
  /** Of a dump under way: netlink_dump() makes the next datagram when the one before is read. */
  let rest: Buffer[] = [];

  const deliver = (): void => {
    const next = queue.shift();
    if (!open || next === undefined) return;
    queuedBytes -= truesize(next.length);
    if (queue.length > 0) queueMicrotask(deliver);
    const following = rest.shift();
    if (following !== undefined) reply(following);
    for (const datagram of kernel.tamper(next)) events.onDatagram(Buffer.from(datagram));
  };
  const reply = (datagram: Buffer): void => {
    queuedBytes += truesize(datagram.length);
    if (queuedBytes > receiveBufferBytes) {
      open = false;
      events.onError(Object.assign(new Error('overrun'), { code: 'ENOBUFS', errno: ENOBUFS }));
      return;
    }
    queue.push(datagram);
    if (queue.length === 1) queueMicrotask(deliver);
  };
  const dump = (request: Request, messages: readonly Buffer[]): void => {
    if (rest.length > 0) throw new Errno(EBUSY);
    rest = [...packed(messages), doneMessage(request)];
    for (const first of rest.splice(0, 1)) reply(first);
  };
  const handle = (request: Request): void => {
    const { flags } = request.header;
    try {
      const asked = (flags & NLM_F_DUMP) === NLM_F_DUMP;
      const messages = answer(kernel, request, asked);
      if (asked) dump(request, messages);
      else for (const message of messages) reply(message);
      if (!asked && (flags & NLM_F_ACK) !== 0) reply(ackMessage(request, 0));
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      reply(ackMessage(request, error.errno));
    }
  };
  return {
    send: (datagram: Buffer): void => {
      const requests = parseRequests(datagram);
      kernel.datagrams.push(requests.length);
      for (const request of requests) if (open) handle(request);
    },
    close: (): void => {
      open = false;
    },
  };
}

/** Messages put together into datagrams as netlink_dump() does. */
function packed(messages: readonly Buffer[]): Buffer[] {
  const datagrams: Buffer[][] = [];
  let room = 0;
  for (const message of messages) {
    if (message.length > room) {
      datagrams.push([]);
      room = DUMP_BYTES;
    }
    room -= message.length;
    datagrams.at(-1)?.push(message);
  }
  return datagrams.map((parts) => Buffer.concat(parts));
}

function answer(kernel: FakeKernel, request: Request, dump: boolean): Buffer[] {
  if (request.header.type === GENL_ID_CTRL) return answerCtrl(kernel, request);
  if (request.header.type !== kernel.family) throw new Errno(ENOENT);
  const command = COMMANDS[request.command] ?? 'UNSPEC';
  kernel.commands.push(command);
  const errno = kernel.refuse(command, request);
  if (errno !== undefined) throw new Errno(errno);
  return dump ? answerDump(kernel.table, command, request) : answerOne(kernel.table, command, request);
}

function answerCtrl({ family }: FakeKernel, request: Request): Buffer[] {
  if (request.attrs.get(2)?.toString() !== 'IPVS\0' || family === undefined) throw new Errno(ENOENT);
  return [
    dataMessage(request, 1, [
      [2, Buffer.from('IPVS\0')],
      [1, u16(family)],
    ]),
  ];
}

function answerDump(table: tables.FakeTable, command: string, request: Request): Buffer[] {
  switch (command) {
    case 'GET_SERVICE':
      return [...table.services.values()].map((service) => serviceMessage(request, service));
    case 'GET_DEST': {
      const service = tables.findService(table, nested(request.attrs, 1));
      // The kernel adds at the head of its list.
      const destinations = [...(service?.destinations.values() ?? [])].reverse();
      return destinations.map((destination) => destinationMessage(request, destination));
    }
    case 'GET_DAEMON':
      return [...table.daemons.values()].map((attrs) => dataMessage(request, 9, [[3, nest(attrs)]]));
    default:
      throw new Errno(EOPNOTSUPP);
  }
}

function answerOne(table: tables.FakeTable, command: string, request: Request): Buffer[] {
  const service = nested(request.attrs, 1);
  const destination = nested(request.attrs, 2);
  switch (command) {
    case 'GET_SERVICE': {
      const found = tables.findService(table, service);
      if (found === undefined) throw new Errno(ESRCH);
      return [serviceMessage(request, found)];
    }
    case 'GET_CONFIG':
      return [dataMessage(request, 12, [...table.timeouts])];
    case 'GET_INFO':
      return [
        dataMessage(request, 14, [
          [1, u32(0x010201)],
          [2, u32(4096)],
        ]),
      ];
    default:
      change(table, command, { all: request.attrs, service, destination });
      return [];
  }
}

type Arguments = {
  readonly all: Attrs;
  readonly service: Attrs | undefined;
  readonly destination: Attrs | undefined;
};

type Handler = (table: tables.FakeTable, given: Arguments) => void;

const CHANGES: Readonly<Record<string, Handler>> = {
  NEW_SERVICE: (table, { service }) => tables.addService(table, service),
  SET_SERVICE: (table, { service }) => tables.editService(table, service),
  DEL_SERVICE: (table, { service }) => tables.deleteService(table, service),
  NEW_DEST: (table, { service, destination }) => tables.addDestination(table, service, destination),
  SET_DEST: (table, { service, destination }) => tables.editDestination(table, service, destination),
  DEL_DEST: (table, { service, destination }) => tables.deleteDestination(table, service, destination),
  NEW_DAEMON: (table, { all }) => tables.startDaemon(table, nested(all, 3)),
  DEL_DAEMON: (table, { all }) => tables.stopDaemon(table, nested(all, 3)),
  FLUSH: (table) => table.services.clear(),
  SET_CONFIG: (table, { all }) => {
    for (const [type, value] of all) if (value.readUInt32LE() !== 0) table.timeouts.set(type, value);
  },
  ZERO: (table, { service }) => zero(table, service),
};

function change(table: tables.FakeTable, command: string, given: Arguments): void {
  const handler = CHANGES[command];
  if (handler === undefined) throw new Errno(EINVAL);
  handler(table, given);
}

function zero(table: tables.FakeTable, attrs: Attrs | undefined): void {
  const one = attrs && tables.findService(table, attrs);
  if (attrs !== undefined && one === undefined) throw new Errno(ESRCH);
  for (const service of one ? [one] : table.services.values()) {
    for (const destination of service.destinations.values()) destination.connections = 0n;
  }
}

function serviceMessage(request: Request, { attrs, destinations }: tables.FakeService): Buffer {
  const connections = [...destinations.values()].reduce((sum, next) => sum + next.connections, 0n);
  return dataMessage(request, 1, [[1, nest([...attrs, ...tables.statsAttrs(connections)])]]);
}

function destinationMessage(request: Request, destination: tables.FakeDestination): Buffer {
  const { attrs, active, inactive, connections } = destination;
  const counts = [
    [7, u32(active)],
    [8, u32(inactive)],
    [9, u32(0)],
  ] as const;
  return dataMessage(request, 5, [[2, nest([...attrs, ...counts, ...tables.statsAttrs(connections)])]]);
}
