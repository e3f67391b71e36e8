/** Tests that need IPv6 on the loopback interface. */
import { readFileSync } from 'node:fs';

/** As `it`; where IPv6 is off on this machine it is skipped, and says so. */
export function itOverIpv6(claim: string, test: Mocha.AsyncFunc | Mocha.Func): void {
  if (isOn()) it(claim, test);
  else it.skip(`${claim}: IPv6 is off on this machine`, test);
}

/** Whether ::1 is there, as the kernel writes it. */
function isOn(): boolean {
  try {
    return /^0{31}1 /m.test(readFileSync('/proc/net/if_inet6', 'utf8'));
  } catch {
    return false;
  }
}
