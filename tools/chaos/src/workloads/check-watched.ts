/** A write that a client asked for, and was not refused. Its name is its own. */
export interface AskedWrite {
  readonly name: string;
  readonly call: number;
  /** `null`: no answer came; it may have been done. */
  readonly return: number | null;
}

/** A write that a watch told of. */
export interface ToldWrite {
  readonly name: string;
  readonly revision: number;
}

/** More of them say nothing new. */
const MAX_LISTED = 20;

/**
 * What a watch of all these writes got wrong, if anything: each that was acknowledged must be told once, one of
 * unknown outcome at most once, no other at all, in the order of revisions; and never one after another
 * that was asked for only when it was acknowledged already.
 */
export function checkWatched(
  asked: readonly AskedWrite[],
  told: readonly ToldWrite[],
): readonly string[] {
  const byName = new Map(asked.map((write) => [write.name, write]));
  const seen = new Set<string>();
  const violations: string[] = [];
  let before: ToldWrite = { name: "", revision: 0 };
  let latest: AskedWrite = { name: "", call: -1, return: null };
  for (const { name, revision } of told) {
    const write = byName.get(name);
    if (seen.has(name)) violations.push(`${name} was told twice`);
    if (revision < before.revision) {
      violations.push(
        `${name} of revision ${revision} was told after ${before.name} of a later one`,
      );
    }
    if (!write) violations.push(`${name} was told, and nobody was to write it`);
    else if (write.return !== null && write.return < latest.call) {
      violations.push(`${name} was told after ${latest.name}, which was asked for later`);
    }
    if (write && write.call > latest.call) latest = write;
    before = { name, revision };
    seen.add(name);
  }
  for (const { name, return: returned } of asked) {
    if (returned !== null && !seen.has(name)) violations.push(`${name} was never told`);
  }
  return shortened(violations);
}

/** The first of them, and how many there are. */
export function shortened(violations: readonly string[]): readonly string[] {
  const more = violations.length - MAX_LISTED;
  return more <= 0 ? violations : [...violations.slice(0, MAX_LISTED), `and ${more} more`];
}
