/** What doctor's findings are compared by. */
import type { Finding } from '../../src/cli/doctor/finding.js';

/** `error ip_vs: ip_vs is not loaded → modprobe ip_vs` of each. */
export function brief(findings: readonly Finding[]): readonly string[] {
  return findings.map(
    ({ severity, check, what, mend }) =>
      `${severity} ${check}: ${what}${mend === undefined ? '' : ` → ${mend}`}`,
  );
}

type Service = {
  readonly head?: string;
  readonly kind?: string;
  readonly protocol?: string;
  readonly algo?: string;
  readonly more?: string;
  readonly server?: string;
};

/** A virtual server with the real server 10.0.0.11, or fd00::11. */
export function service(options: Service = {}): string {
  const {
    head = '10.0.0.100 80',
    kind = 'NAT',
    protocol = 'TCP',
    algo = 'wlc',
    more = '',
    server = '',
  } = options;
  return `virtual_server ${head} {
    ${head.startsWith('fwmark') ? '' : `protocol ${protocol}`}
    lb_algo ${algo}
    lb_kind ${kind}
    ${more}
    real_server ${head.includes(':') ? 'fd00::11' : '10.0.0.11'} 80 {
      ${server}
    }
  }\n`;
}

/** A vrrp_instance on eth0 with 10.0.0.100. */
export function instance({ name = 'web', vrid = 51, more = '', addresses = '10.0.0.100/24' } = {}): string {
  return `vrrp_instance ${name} {
    interface eth0
    virtual_router_id ${vrid}
    version 3
    ${more}
    virtual_ipaddress {
      ${addresses}
    }
  }\n`;
}
