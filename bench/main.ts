/** Measurements beside keepalived: `npm run bench -- NAME [options]`. Each prints ratios, since absolute times drift. */

import type { Bench } from './bench.js';
import { checks } from './checks.js';
import { churn } from './churn.js';
import { crowd } from './crowd.js';
import { failover } from './failover.js';
import { flood } from './flood.js';
import { hogs } from './hogs.js';
import { latency } from './latency.js';
import { moves } from './moves.js';
import { overflow } from './overflow.js';
import { slowStart } from './slow-start.js';
import { soak } from './soak.js';
import { table } from './table.js';

const BENCHES: readonly Bench[] = [
  checks,
  churn,
  crowd,
  failover,
  flood,
  hogs,
  latency,
  moves,
  overflow,
  slowStart,
  soak,
  table,
];

// An exit ends what a bench has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const [name, ...args] = process.argv.slice(2);
const bench = BENCHES.find((each) => each.name === name);
if (bench === undefined) {
  for (const each of BENCHES) console.log(`npm run bench -- ${each.name} ${each.usage}\n    ${each.summary}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  process.exitCode = await bench.run(args);
}
