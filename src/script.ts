/**
 * A program to run on an event, as the configuration names it.
 * Never run through a shell: whoever wants one writes `/bin/sh -c "…"`.
 */
export type Script = {
  readonly argv: readonly string[];
  /** User and group it runs as; absent: the daemon's own (the `script_user` default is filled in by config). */
  readonly user?: string;
  readonly group?: string;
};
