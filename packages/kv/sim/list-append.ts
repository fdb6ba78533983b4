/**
 * What transactions did with lists, one a key: they read some whole, and appended to some what nobody else
 * ever appends. Lists show the order of their appends, so which transaction came before which can be told
 * from what was read, and a cycle of those is an anomaly.
 *
 * Source: K. Kingsbury, P. Alvaro, "Elle", VLDB 2021.
 */
export interface ListTransaction {
  readonly name: string;
  readonly reads: Readonly<Record<string, readonly string[]>>;
  readonly appends: Readonly<Record<string, string>>;
  /** When it was begun, and when it was known to be done; undefined: it may have been done, or not. */
  readonly beganAt: number;
  readonly doneAt: number | undefined;
}

/**
 * Checks a history whose lists are `final` in the end: strictly serializable, or it throws why not.
 * Transactions that were surely not done are not in it.
 */
export function checkLists(
  history: readonly ListTransaction[],
  final: ReadonlyMap<string, readonly string[]>,
): void {
  const appendedBy = new Map<string, ListTransaction>();
  for (const each of history) {
    for (const value of Object.values(each.appends)) appendedBy.set(value, each);
  }
  checkElements(history, final, appendedBy);
  // One that nobody was told of counts where its appends are seen.
  const seen = new Set([...final.values()].flat());
  const done = history.filter(
    ({ doneAt, appends }) =>
      doneAt !== undefined || Object.values(appends).some((value) => seen.has(value)),
  );
  const after = new Map(done.map((each) => [each, new Set<ListTransaction>()]));
  const order = (before: ListTransaction | undefined, next: ListTransaction | undefined): void => {
    if (before && next && before !== next) after.get(before)!.add(next);
  };
  for (const list of final.values()) {
    for (const [at, value] of list.entries()) {
      order(appendedBy.get(list[at - 1] ?? ""), appendedBy.get(value)); // ww
    }
  }
  for (const each of done) {
    for (const [key, read] of Object.entries(each.reads)) {
      order(appendedBy.get(read.at(-1) ?? ""), each); // wr
      order(each, appendedBy.get(final.get(key)?.[read.length] ?? "")); // rw
    }
  }
  orderByTime(done, order);
  const cycle = cycleIn(after);
  if (cycle) throw new Error(`transactions come before each other: ${cycle.join(" < ")}`);
}

/** Who was done before another began; what follows from that by way of a third is left out. */
function orderByTime(
  done: readonly ListTransaction[],
  order: (before: ListTransaction, next: ListTransaction) => void,
): void {
  const begun = done.toSorted((a, b) => a.beganAt - b.beganAt);
  const firstDone: number[] = [];
  let earliest = Infinity;
  for (let at = begun.length - 1; at >= 0; at--) {
    earliest = Math.min(earliest, begun[at]!.doneAt ?? Infinity);
    firstDone[at] = earliest;
  }
  for (const each of begun) {
    const { doneAt = Infinity } = each;
    const first = begun.findIndex(({ beganAt }) => beganAt > doneAt);
    if (first === -1) continue;
    for (let at = first; at < begun.length && begun[at]!.beganAt <= firstDone[first]!; at++) {
      order(each, begun[at]!);
    }
  }
}

function checkElements(
  history: readonly ListTransaction[],
  final: ReadonlyMap<string, readonly string[]>,
  appendedBy: ReadonlyMap<string, ListTransaction>,
): void {
  for (const [key, list] of final) {
    if (new Set(list).size < list.length)
      throw new Error(`${key} has an append twice: ${list.join()}`);
    const alien = list.find((value) => appendedBy.get(value)?.appends[key] !== value);
    if (alien !== undefined) throw new Error(`${key} has ${alien}, which was not appended there`);
  }
  for (const { name, reads, appends, doneAt } of history) {
    for (const [key, read] of Object.entries(reads)) {
      const list = final.get(key) ?? [];
      const isPrefix = read.every((value, at) => list[at] === value);
      if (!isPrefix)
        throw new Error(
          `${name} read ${key} as ${read.join()}, and in the end it is ${list.join()}`,
        );
    }
    for (const [key, value] of Object.entries(appends)) {
      const isThere = final.get(key)?.includes(value) ?? false;
      if (doneAt !== undefined && !isThere) throw new Error(`${name}'s append to ${key} is lost`);
      const isElsewhere = Object.entries(appends).some(
        ([other, its]) => (final.get(other)?.includes(its) ?? false) !== isThere,
      );
      if (isElsewhere) throw new Error(`${name} was done in part`);
    }
  }
}

/** The names of a cycle, or undefined. */
function cycleIn(
  after: ReadonlyMap<ListTransaction, ReadonlySet<ListTransaction>>,
): string[] | undefined {
  const finished = new Set<ListTransaction>();
  const path: ListTransaction[] = [];
  const onPath = new Set<ListTransaction>();
  const visit = (each: ListTransaction): string[] | undefined => {
    if (onPath.has(each)) {
      return [...path.slice(path.indexOf(each)), each].map(({ name }) => name);
    }
    if (finished.has(each)) return undefined;
    path.push(each);
    onPath.add(each);
    for (const next of after.get(each) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    onPath.delete(each);
    finished.add(each);
    return undefined;
  };
  for (const each of after.keys()) {
    const cycle = visit(each);
    if (cycle) return cycle;
  }
  return undefined;
}
