/** Instances as text, for tests of what becomes of their lines. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { load, loadClean } from './config.js';

type Basis = { readonly name?: string; readonly address?: string; readonly id?: number };

/** An instance of these lines behind the required ones: the first of them is the fourth. */
export function instanceText(
  lines = '',
  { name = 'VI', address = '10.0.0.100', id = 51 }: Basis = {},
): string {
  return `vrrp_instance ${name} {\nvirtual_router_id ${id}\nvirtual_ipaddress { ${address} }\n${lines}\n}\n`;
}

/** The instance, which must raise nothing. */
export function cleanInstance(lines: string, basis: Basis = {}): InstanceConfig {
  return loadClean(instanceText(lines, basis)).vrrp?.instances[0] ?? assert.fail('no instance');
}

/** The instance with what is said of it, `LINE:COL: severity: text`. */
export function saidInstance(lines: string, basis: Basis = {}) {
  const { config, messages } = load(instanceText(lines, basis));
  return { instance: config?.vrrp?.instances[0], messages };
}
