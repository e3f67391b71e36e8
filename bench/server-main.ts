/** A web server on one port of every loopback address, in a process of its own: `server-main.js PORT`. */
import { createServer } from 'node:net';

const BODY = 'x'.repeat(600);
const PAGE = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
);

createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', () => socket.end(PAGE));
}).listen({ port: Number(process.argv[2]), host: '0.0.0.0', backlog: 8192 });
