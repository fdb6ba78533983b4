type Outcome<T> =
  | { readonly from: AsyncIterator<T>; readonly result: IteratorResult<T> }
  | { readonly error: unknown };

/**
 * What several sources give, as it comes; each is asked for the next when its last was taken, so none
 * is more than one ahead. Ends when all have, and throws what any of them throws.
 */
export async function* merged<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const ready: Outcome<T>[] = [];
  let wake = (): void => {};
  const arrived = (outcome: Outcome<T>): void => {
    ready.push(outcome);
    wake();
  };
  // Not by Promise.race: each race would leave something behind on the source that says nothing.
  const ask = (from: AsyncIterator<T>): void => {
    from.next().then(
      (result) => arrived({ from, result }),
      (error: unknown) => arrived({ error }),
    );
  };
  const open = new Set(sources.map((source) => source[Symbol.asyncIterator]()));
  for (const iterator of open) ask(iterator);
  try {
    while (open.size > 0) {
      const outcome = ready.shift();
      if (!outcome) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      if ("error" in outcome) throw outcome.error;
      const { from, result } = outcome;
      if (result.done) {
        open.delete(from);
        continue;
      }
      yield result.value;
      ask(from);
    }
  } finally {
    // One that waits ends by its own signal: nobody waits for that.
    for (const iterator of open) void iterator.return?.().catch(() => {});
  }
}
