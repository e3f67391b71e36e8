/** Where clients that stay get to, by how fast they come and who turns them: lvsd's modes and keepalived in turn. */
import { parseArgs } from 'node:util';
import { Lab } from '../lab/lab.js';
import type { Bench } from './bench.js';
import { arrive, compileNewcomers } from './newcomers.js';
import { configuration, direct, directByKeepalived, HOSTS } from './overflow-lab.js';

const CLIENTS = 300;

type Site = { readonly lab: Lab; readonly program: string };
type Way = { readonly name: string; readonly who: 'lvsd' | 'keepalived'; readonly lines: string };

const WAYS: readonly Way[] = [
  { name: 'lvsd, connections, sed', who: 'lvsd', lines: 'lb_algo sed\noverflow connections' },
  { name: 'lvsd, quiesce, rr', who: 'lvsd', lines: 'lb_algo rr\noverflow quiesce' },
  { name: 'lvsd, quiesce, wlc', who: 'lvsd', lines: 'lb_algo wlc\noverflow quiesce' },
  { name: 'keepalived, rr', who: 'keepalived', lines: 'lb_algo rr' },
  { name: 'keepalived, wlc', who: 'keepalived', lines: 'lb_algo wlc' },
];

export const overflow: Bench = {
  name: 'overflow',
  summary: `where ${CLIENTS} clients that stay get to, two servers of uthreshold 50 and a sorry server, in the lab VM`,
  usage: '[--rates 50,500,2000]',
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { rates: { type: 'string', default: '50,500,2000' } },
  });
  const program = compileNewcomers();
  const lab = await Lab.start({ hosts: HOSTS, say: (line) => console.log(line) });
  try {
    console.log('| who | asked for | came | pool | sorry | nobody |\n|---|---|---|---|---|---|');
    for (const way of WAYS)
      for (const rate of values.rates.split(',').map(Number))
        console.log(await measure({ lab, program }, way, rate));
    return 0;
  } finally {
    lab.stop();
  }
}

/** A line of the table; in hosts made anew, since entries of a crowd before would still count. */
async function measure({ lab, program }: Site, { name, who, lines }: Way, rate: number): Promise<string> {
  await lab.reset();
  if (who === 'lvsd') await direct(lab, configuration(lines));
  else await directByKeepalived(lab, configuration(lines));
  const crowd = { rate, count: CLIENTS, stayMs: 0 };
  const { servers, failures, ms, leave } = await arrive(program, lab.host('client'), crowd);
  leave();
  const { rs1 = 0, rs2 = 0, sorry = 0 } = servers;
  const came = Math.round((CLIENTS / ms) * 1000);
  return `| ${name} | ${rate}/s | ${came}/s | ${rs1 + rs2} | ${sorry} | ${failures.length} |`;
}
