/** The claims of test/support/ipvs-cases.ts against the fake kernel; test/e2e has them against a real one. */
import { createIpvsClient } from '../../src/ipvs/client.js';
import { SCHEDULERS } from '../../src/ipvs/table.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createFakeKernel } from '../support/fake-kernel.js';
import { CASES } from '../support/ipvs-cases.js';

describe('IPVS in the fake kernel', () => {
  for (const { name, run } of CASES) {
    it(name, async () => {
      const clock = createFakeClock();
      const client = createIpvsClient({ clock, open: createFakeKernel().open });
      const { advanceAsync: advance } = clock;
      await run({ client, clock, advance, schedulers: SCHEDULERS, ipvsadm: () => undefined });
      client.close();
    });
  }
});
