import { median, type Run } from "@quorate/bench";

/** Does `requests` requests; resolves when all are answered. */
export type Work = (requests: number) => Promise<void>;

/** How one comparison is measured. */
export interface Slices {
  readonly count: number;
  readonly requests: number;
}

/**
 * Runs that share their time: each run of the first measures all, in short slices that take turns,
 * since on a shared machine a difference of 5 % drowns in what a second changes. The others hand
 * over what that run has measured. Values are requests/s, medians over the slices.
 */
export function alternating<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  { count, requests }: Slices,
): Readonly<Record<Name, Run>> {
  const entries = Object.entries<Work>(works) as [Name, Work][];
  let rates: Partial<Record<Name, number>> = {};
  const measure = async (): Promise<void> => {
    const all = new Map(entries.map(([name]) => [name, [] as number[]]));
    for (const [, work] of entries) await work(requests); // connections, compiled code
    for (let slice = 0; slice < count; slice++) {
      const turn = slice % 2 === 0 ? entries : entries.toReversed();
      for (const [name, work] of turn) {
        const startedAt = performance.now();
        await work(requests);
        all.get(name)?.push((1_000 * requests) / (performance.now() - startedAt));
      }
    }
    rates = Object.fromEntries([...all].map(([name, values]) => [name, median(values)])) as Record<
      Name,
      number
    >;
  };
  const runs = entries.map(([name], at): [Name, Run] => [
    name,
    async () => {
      if (at === 0) await measure();
      return { value: rates[name] ?? Number.NaN };
    },
  ]);
  return Object.fromEntries(runs) as Record<Name, Run>;
}

/** `concurrency` callers, each with its next request as soon as the last is answered. */
export function closedLoop(concurrency: number, ask: () => Promise<unknown>): Work {
  return async (requests) => {
    let left = requests;
    const caller = async (): Promise<void> => {
      while (left-- > 0) await ask();
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
  };
}
