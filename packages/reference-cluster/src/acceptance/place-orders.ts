/** Lets `callers` place orders at the same time, each the next one of the same source. */
export async function placeOrders<O>(
  source: AsyncIterator<O>,
  callers: number,
  place: (order: O) => Promise<void>,
): Promise<void> {
  const caller = async (): Promise<void> => {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      await place(next.value);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
