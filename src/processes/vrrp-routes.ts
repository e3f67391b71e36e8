/** VRRP in the admin interface: its status, and the hand-over of instances. */
import { Refusal, type Routes } from '../admin/server.js';
import type { Status } from '../admin/status.js';
import type { Asker } from './ask.js';
import type { VrrpReply, VrrpRequest } from './messages.js';

/** A status that takes longer is shown without VRRP. */
const STATUS_WITHIN_MS = 1000;
/** Many instances take a moment to be changed. */
const OBEYED_WITHIN_MS = 10_000;
/** A hand-over that nobody follows takes the longest skew, 40 s at the longest interval, and an advert. */
const HANDOVER_WITHIN_MS = 90_000;

export function vrrpRoutes(ask: Asker['ask']): Routes {
  const command = (what: 'handover' | 'resume') => async (query: URLSearchParams, requester: AbortSignal) => {
    const request: VrrpRequest = { what, instance: query.get('instance') ?? undefined };
    return resultOf(await ask(request, HANDOVER_WITHIN_MS, requester));
  };
  return { 'POST /v1/vrrp/handover': command('handover'), 'POST /v1/vrrp/resume': command('resume') };
}

/** Once lvsd-vrrp has obeyed all that it was told before: nothing; or why that is not known. */
export async function whetherObeyed(ask: Asker['ask']): Promise<string | undefined> {
  const reply = await ask({ what: 'obeyed' }, OBEYED_WITHIN_MS);
  return reply.kind === 'refused' ? reply.text : undefined;
}

/** What status shows; undefined where no VRRP runs. */
export async function vrrpStatus(ask: Asker['ask']): Promise<Status['vrrp']> {
  const reply = await ask({ what: 'status' }, STATUS_WITHIN_MS);
  switch (reply.kind) {
    case 'status':
      return reply.status;
    case 'refused':
      return { error: reply.text };
    case 'absent':
    case 'obeyed':
    case 'handover':
      return undefined;
  }
}

function resultOf(reply: VrrpReply): unknown {
  switch (reply.kind) {
    case 'handover':
      return reply.results;
    case 'refused':
      return new Refusal(409, reply.text);
    case 'absent':
    case 'obeyed':
    case 'status':
      return new Refusal(
        409,
        'no VRRP runs here: the configuration has no vrrp_instance, or lvsd runs with -C',
      );
  }
}
