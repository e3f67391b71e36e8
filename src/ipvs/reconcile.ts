/** One look at a few services: read back, differ, write. Knows nothing of when, or of what comes next. */
import type { IpvsClient } from './client.js';
import { type Change, diffService } from './diff.js';
import type { IpvsError } from './errors.js';
import type { Service, ServiceKey } from './table.js';

/** A service to make as wanted. */
export type Task = {
  readonly key: ServiceKey;
  /** Undefined: it is to be gone. */
  readonly want: Service | undefined;
  /** What the kernel was last made to hold, where that is known: what differs from it is someone else's doing. */
  readonly written: Service | undefined;
};

export type TaskResult = {
  /** What someone else had changed. */
  readonly drift: readonly Change[];
  /** Why it is not as wanted now. */
  readonly error: IpvsError | undefined;
};

export type ReconcileClient = Pick<IpvsClient, 'readServices' | 'apply'>;

/** How often a service is read and written again at once after a refusal: someone may have changed it in between. */
const ATTEMPTS = 2;

/** Results in the order of the tasks. Rejects with an IpvsError when the table cannot be read at all. */
export async function reconcile(client: ReconcileClient, tasks: readonly Task[]): Promise<TaskResult[]> {
  const results = await attempt(client, tasks);
  for (let attempts = 1; attempts < ATTEMPTS; attempts++) {
    const again = [...results.keys()].filter((index) => results[index]?.error?.reason === 'refused');
    if (again.length === 0) break;
    const retried = await attempt(
      client,
      again.flatMap((index) => forgotten(tasks[index])),
    );
    for (const [position, index] of again.entries()) {
      results[index] = { drift: results[index]?.drift ?? [], error: retried[position]?.error };
    }
  }
  return results;
}

/** After a refusal it is not known any more what the kernel holds. */
function forgotten(task: Task | undefined): Task[] {
  return task === undefined ? [] : [{ ...task, written: undefined }];
}

async function attempt(client: ReconcileClient, tasks: readonly Task[]): Promise<TaskResult[]> {
  const wanted = tasks.filter(({ want }) => want !== undefined);
  const haves = (await client.readServices(wanted.map(({ key }) => key))).values();
  const plans = tasks.map((task) => plan(task, task.want && haves.next().value));
  const errors = (await client.apply(plans.flatMap(({ changes }) => changes))).values();
  return plans.map(({ changes, drift }) => {
    const failed = changes.map((change) => [change, errors.next().value] as const);
    return { drift, error: failed.find(([change, error]) => error && !isGone(change, error))?.[1] };
  });
}

type Plan = { readonly changes: readonly Change[]; readonly drift: readonly Change[] };

/** What is not wanted is removed unseen: the kernel drops its destinations with it. */
function plan({ key, want, written }: Task, have: Service | undefined): Plan {
  if (want === undefined) return { changes: [{ kind: 'delete-service', key }], drift: [] };
  const drift = written === undefined ? [] : diffService(have, written);
  return { changes: written === want ? drift : diffService(have, want), drift };
}

function isGone(change: Change, { code }: IpvsError): boolean {
  return change.kind === 'delete-service' && code === 'ESRCH';
}
