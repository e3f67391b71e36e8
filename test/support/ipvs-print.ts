/** Prints the IPVS table of the network namespace it is started in as JSON, 64-bit counters as text. */
import { systemClock } from '../../src/clock.js';
import { createIpvsClient } from '../../src/ipvs/client.js';

const client = createIpvsClient({ clock: systemClock });
const table = await client.readTable();
console.log(JSON.stringify(table, (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
client.close();
