/** Instances for tests: VRRPv3 on eth0, VRID 51, one advert a second, and what a test says otherwise. */
import { familyOf } from '../../src/net/address.js';
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import type { AddressConfig } from '../../src/vrrp/place/network-config.js';
import { GARP } from './routers.js';

type Change = Partial<InstanceConfig> & { readonly addresses?: readonly string[] };

export function instance({ addresses = ['192.0.2.100'], ...change }: Change = {}): InstanceConfig {
  const on = change.interface ?? 'eth0';
  const virtualAddresses = addresses.map((text) => ({ ...address(text), interface: on }));
  const family = virtualAddresses[0]?.family ?? 'ipv4';
  return {
    name: 'VI_1',
    family,
    version: 3,
    interface: 'eth0',
    virtualRouterId: 51,
    initialState: 'BACKUP',
    priority: 100,
    advertIntMs: 1000,
    downTimerAdverts: 3,
    preempt: true,
    preemptDelayMs: 0,
    lowerPrioNoAdvert: false,
    higherPrioSendAdvert: false,
    ownerIgnoreAdverts: false,
    transport: { kind: 'multicast', group: family === 'ipv4' ? '224.0.0.18' : 'ff02::12' },
    v3ChecksumAsV2: false,
    skipCheckAdvAddr: false,
    accept: true,
    virtualAddresses,
    excludedAddresses: [],
    virtualRoutes: [],
    virtualRules: [],
    promoteSecondaries: false,
    vipLifetime: 'auto',
    garp: GARP,
    addressVmacs: [],
    dontTrackPrimary: false,
    trackSrcIp: false,
    track: { interfaces: [], scripts: [], files: [], processes: [], pools: [] },
    notify: { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false },
    ...change,
  };
}

export function address(text: string): AddressConfig {
  const family = familyOf(text) ?? 'ipv4';
  return {
    family,
    address: text,
    prefixLength: family === 'ipv4' ? 32 : 128,
    interface: 'eth0',
    scope: 0,
    home: false,
    dad: false,
    mngTmpAddr: false,
    noPrefixRoute: false,
    autoJoin: false,
    preferredLft: 'forever',
    useVmac: false,
    track: true,
  };
}

/** A whole configuration of these instances. */
export function vrrpConfig(
  instances: readonly InstanceConfig[],
  change: Partial<VrrpConfig> = {},
): VrrpConfig {
  return {
    instances,
    syncGroups: [],
    scripts: [],
    trackFiles: [],
    trackProcesses: [],
    interfaceDelays: [],
    garpGroups: [],
    staticAddresses: [],
    staticRoutes: [],
    staticRules: [],
    process: {
      startupDelayMs: 0,
      delayAfterBootMs: 0,
      noSwap: false,
      notifyFifos: [],
      fifoWriteStatesOnReload: false,
      logUnknownVrids: false,
      disableLocalIgmp: false,
    },
    ...change,
  };
}
