/**
 * What concerns the kernel's IPVS as a whole; these attributes stand at the top level of a message.
 *
 *   SET_CONFIG, GET_CONFIG reply: TIMEOUT_TCP u32 s | TIMEOUT_TCP_FIN u32 s | TIMEOUT_UDP u32 s
 *   SET_INFO (the reply to GET_INFO): VERSION u32, one byte a number | CONN_TAB_SIZE u32
 */
import type { KernelInfo, Timeouts } from '../table.js';
import { CMD_ATTR, INFO_ATTR } from '../uapi.js';
import type { Attributes } from './attributes.js';
import type { Writer } from './writer.js';

/** What is left out stays as it is, in the kernel as here. */
export function writeTimeouts(out: Writer, { tcpS, tcpFinS, udpS }: Partial<Timeouts>): void {
  if (tcpS !== undefined) out.u32(CMD_ATTR.TIMEOUT_TCP, tcpS);
  if (tcpFinS !== undefined) out.u32(CMD_ATTR.TIMEOUT_TCP_FIN, tcpFinS);
  if (udpS !== undefined) out.u32(CMD_ATTR.TIMEOUT_UDP, udpS);
}

/** 0 for a protocol the kernel was built without. */
export function readTimeouts(attributes: Attributes): Timeouts {
  const seconds = (type: number) => (attributes.has(type) ? attributes.u32(type) : 0);
  return {
    tcpS: seconds(CMD_ATTR.TIMEOUT_TCP),
    tcpFinS: seconds(CMD_ATTR.TIMEOUT_TCP_FIN),
    udpS: seconds(CMD_ATTR.TIMEOUT_UDP),
  };
}

export function readInfo(attributes: Attributes): KernelInfo {
  const version = attributes.u32(INFO_ATTR.VERSION);
  return {
    version: `${(version >> 16) & 0xff}.${(version >> 8) & 0xff}.${version & 0xff}`,
    connectionTableSize: attributes.u32(INFO_ATTR.CONN_TAB_SIZE),
  };
}
