/**
 * Makes a few services as wanted. Where it is known what the kernel holds, what is new is written unseen: a failed check waits for one
 * exchange. Else, or where that is refused, a service is read back first. Knows nothing of when, or of what comes next.
 */
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

/** A task and how it went so far; undefined: it has yet to be read back. */
type Standing = { readonly task: Task; readonly result: TaskResult | undefined };

/** Results in the order of the tasks. Rejects with an IpvsError when the table cannot be read at all. */
export async function reconcile(client: ReconcileClient, tasks: readonly Task[]): Promise<TaskResult[]> {
  let standings = await writeAhead(client, tasks);
  for (let attempts = 0; attempts < ATTEMPTS; attempts++) standings = await readAndWrite(client, standings);
  return standings.map(({ result }) => result ?? { drift: [], error: undefined });
}

/** That others have changed the rest of a service meanwhile is for the next pass to find. */
async function writeAhead(client: ReconcileClient, tasks: readonly Task[]): Promise<Standing[]> {
  const news = tasks.map(({ want, written }) => (want && written ? diffService(written, want) : []));
  const all = news.flat();
  const errors = all.length > 0 ? (await client.apply(all)).values() : [].values();
  return tasks.map((task, index) =>
    standingAfter(
      task,
      (news[index] ?? []).map(() => errors.next().value),
    ),
  );
}

function standingAfter(task: Task, errors: readonly (IpvsError | undefined)[]): Standing {
  const failures = errors.filter((error) => error !== undefined);
  if (errors.length > 0 && !failures.some(isRefusal)) {
    return { task, result: { drift: [], error: failures[0] } };
  }
  // Where all was refused, what differs from what was written before is still someone else's doing.
  return { task: failures.length === errors.length ? task : forgotten(task), result: undefined };
}

async function readAndWrite(client: ReconcileClient, standings: readonly Standing[]): Promise<Standing[]> {
  const open = standings.filter(isOpen);
  if (open.length === 0) return [...standings];
  const attempts = await attempt(
    client,
    open.map(({ task }) => task),
  );
  const results = attempts.values();
  return standings.map((standing) => (isOpen(standing) ? after(standing, results.next().value) : standing));
}

function isOpen({ result }: Standing): boolean {
  return result === undefined || isRefusal(result.error);
}

function isRefusal(error: IpvsError | undefined): boolean {
  return error?.reason === 'refused';
}

function after({ task, result }: Standing, attempted: TaskResult | undefined): Standing {
  const drift = result?.drift ?? attempted?.drift ?? [];
  return { task: forgotten(task), result: { drift, error: attempted?.error } };
}

/** After a refusal it is not known any more what the kernel holds. */
function forgotten(task: Task): Task {
  return { ...task, written: undefined };
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
