/** A named pipe that is told of changes, one line each. */
import type { Script } from '../script.js';

export type FifoConfig = {
  readonly path: string;
  readonly user?: string;
  readonly group?: string;
  /** Run with the path as its last argument, as long as the pipe is kept. */
  readonly script?: Script;
};
