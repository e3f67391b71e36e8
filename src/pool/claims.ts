/** Which virtual server a service of the kernel belongs to, where several name it. Pure. */
import type { VirtualServerConfig } from './config.js';
import { serviceText } from './text.js';

/** What a virtual server does not get, in words. */
export type Refusal = { readonly virtualServer: string; readonly text: string };

export type Claims = {
  /** Each with the services that are its own. */
  readonly granted: readonly VirtualServerConfig[];
  readonly refused: readonly Refusal[];
};

/** Each id and each service belongs to the first that names it. */
export function claimServices(virtualServers: readonly VirtualServerConfig[]): Claims {
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  const refused: Refusal[] = [];
  const refuse = (virtualServer: string, text: string) => {
    refused.push({ virtualServer, text });
    return false;
  };
  const claim = (id: string, service: string): boolean => {
    const owner = owners.get(service);
    if (owner !== undefined) return refuse(id, `${service} of ${id} belongs to ${owner}: ignored here`);
    owners.set(service, id);
    return true;
  };
  const granted = virtualServers.flatMap((config) => {
    const { id } = config;
    if (ids.has(id)) {
      refuse(id, `${id} is configured twice: the second is ignored`);
      return [];
    }
    ids.add(id);
    return [{ ...config, services: config.services.filter((key) => claim(id, serviceText(key))) }];
  });
  return { granted, refused };
}
