/** Why something could not be done with the kernel's table. */
import { getSystemErrorName } from 'node:util';
import type { Request } from './codec.js';
import { destinationId, serviceId } from './table.js';

/**
 * - `no-ipvs`: this kernel has no IPVS (yet)
 * - `refused`: the kernel answered with an error, whose name is `code`
 * - `invalid`: the request cannot even be written, such as a port of 70000
 * - `lost`: no answer in time, or the socket failed; what the kernel did is unknown
 * - `malformed`: the kernel's answer could not be read
 * - `closed`: the client was closed
 */
export type IpvsErrorReason = 'no-ipvs' | 'refused' | 'invalid' | 'lost' | 'malformed' | 'closed';

export type IpvsErrorDetails = {
  readonly reason: IpvsErrorReason;
  /** What was tried, such as `add destination`. */
  readonly operation: string;
  /** On what, such as `10.0.0.11:80 of tcp 10.0.0.100:80`; may be empty. */
  readonly operand: string;
  /** Name of the system's error, such as `EEXIST`, or a sentence where there is none. */
  readonly code: string;
  /** What to do about it, where that is known. */
  readonly hint?: string | undefined;
};

export class IpvsError extends Error implements IpvsErrorDetails {
  override readonly name = 'IpvsError';
  readonly reason: IpvsErrorReason;
  readonly operation: string;
  readonly operand: string;
  readonly code: string;
  readonly hint: string | undefined;

  constructor({ reason, operation, operand, code, hint }: IpvsErrorDetails) {
    const what = operand === '' ? operation : `${operation} ${operand}`;
    super(`${what}: ${code}${hint === undefined ? '' : ` (${hint})`}`);
    this.reason = reason;
    this.operation = operation;
    this.operand = operand;
    this.code = code;
    this.hint = hint;
  }
}

/** The error for a request the kernel refused. `errno` is positive. */
export function refusedError(request: Request, errno: number): IpvsError {
  const code = errnoName(errno);
  return requestError(request, 'refused', code, hintFor(request, code));
}

/** An error that names the request it befell. */
export function requestError(
  request: Request,
  reason: IpvsErrorReason,
  code: string,
  hint?: string,
): IpvsError {
  return new IpvsError({
    reason,
    operation: operationOf(request),
    operand: operandOf(request),
    code,
    hint,
  });
}

/** The error for a kernel without the IPVS family. */
export function missingFamilyError(): IpvsError {
  return new IpvsError({
    reason: 'no-ipvs',
    operation: 'find',
    operand: 'IPVS in this kernel',
    code: 'ENOENT',
    hint: 'try: modprobe ip_vs',
  });
}

/** `ENOENT` for 2; `errno 4711` for what the system has no name for. */
function errnoName(errno: number): string {
  const name = getSystemErrorName(-errno);
  return /^E[A-Z0-9]+$/.test(name) ? name : `errno ${errno}`;
}

function operationOf(request: Request): string {
  return request.command.replace('-', ' ');
}

function operandOf(request: Request): string {
  if ('destination' in request) return `${destinationId(request.destination)} of ${serviceId(request.key)}`;
  if ('service' in request) return serviceId(request.service.key);
  if ('key' in request && request.key !== undefined) return serviceId(request.key);
  if ('daemon' in request) return `${request.daemon.role} on ${request.daemon.interface}`;
  return 'role' in request ? request.role : '';
}

function hintFor(request: Request, code: string): string | undefined {
  if (code === 'EPERM') return 'needs CAP_NET_ADMIN';
  if (code === 'EAFNOSUPPORT') return 'IPv6 is switched off in this kernel';
  if (code === 'ESRCH') return 'no such service';
  if (code === 'EEXIST') return 'it is there already';
  if (request.command === 'add-service' || request.command === 'edit-service') {
    return serviceHint(request.service, code);
  }
  return 'destination' in request ? destinationHint(code) : undefined;
}

function serviceHint(
  service: { readonly scheduler: string; readonly persistenceEngine?: string },
  code: string,
): string | undefined {
  if (code !== 'ENOENT') return undefined;
  const engine = service.persistenceEngine;
  const modules = [`ip_vs_${service.scheduler}`, ...(engine === undefined ? [] : [`ip_vs_pe_${engine}`])];
  return `a scheduler or persistence engine is missing, try: modprobe -a ${modules.join(' ')}`;
}

/** Reasons as in ip_vs_add_dest and ip_vs_genl_set_cmd (ip_vs_ctl.c). */
function destinationHint(code: string): string | undefined {
  if (code === 'ENOENT') return 'no such destination';
  if (code === 'ERANGE') return 'the lower threshold is above the upper one, or the weight above 2147483647';
  if (code === 'EINVAL') {
    return 'not a unicast address, gue without a port, or of another family than its service without tun or with a sync daemon';
  }
  return undefined;
}
