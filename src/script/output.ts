/** Keeps the beginning of what a child writes and throws the rest away, so that it never blocks and never fills memory. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';

const MAX_OUTPUT_BYTES = 4_096;

/** Starts reading a child's output. What it leaves running may go on writing, without keeping this process alive. */
export function collectOutput(child: ChildProcess): { readonly text: () => string } {
  const chunks: Buffer[] = [];
  let room = MAX_OUTPUT_BYTES;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      room -= chunk.length;
    });
    stream?.on('error', () => {});
    // Pipes of a child are sockets, though their type does not say so.
    child.once('exit', () => (stream as Socket | null)?.unref());
  }
  return { text: () => Buffer.concat(chunks).toString('utf8') };
}
