import { median, type Run } from "@quorate/bench";

/** Does `requests` requests; resolves when all are answered. */
export type Work = (requests: number) => Promise<void>;

/** How one comparison is measured. */
export interface Slices {
  readonly count: number;
  readonly requests: number;
}

/** Works measured by turns. */
export interface Alternation<Name extends string> {
  /** Each work's requests/s, the median over the slices of one run. */
  readonly runs: Readonly<Record<Name, Run>>;
  /** Throughput of the first work over another's, the median over the pairs of all runs so far. */
  readonly ratio: (to: Name) => number;
  /** Processor time of this process for a request of a work, microseconds, over all runs so far. */
  readonly processorMicros: (name: Name) => number;
}

interface Measured {
  readonly rates: number[];
  /** Requests/s of every slice so far. */
  readonly all: number[];
  processorMicros: number;
  requests: number;
}

/**
 * Runs that share their time: each run of the first measures all, in short slices that take turns,
 * since on a shared machine a difference of 5 % drowns in what a second changes. The others hand
 * over what that run has measured.
 */
export function alternating<Name extends string>(
  works: Readonly<Record<Name, Work>>,
  { count, requests }: Slices,
): Alternation<Name> {
  const entries = Object.entries<Work>(works) as [Name, Work][];
  const [first] = entries[0] as [Name, Work];
  const measured = Object.fromEntries(
    entries.map(([name]) => [name, { rates: [], all: [], processorMicros: 0, requests: 0 }]),
  ) as unknown as Record<Name, Measured>;
  const measure = async (): Promise<void> => {
    for (const [name, work] of entries) {
      measured[name].rates.length = 0;
      await work(requests); // connections, compiled code
    }
    for (let slice = 0; slice < count; slice++) {
      const turn = slice % 2 === 0 ? entries : entries.toReversed();
      for (const [name, work] of turn) await timed(work, requests, measured[name]);
    }
  };
  const run = (name: Name, isFirst: boolean): Run => {
    return async () => {
      if (isFirst) await measure();
      return { value: median(measured[name].rates) };
    };
  };
  return {
    runs: Object.fromEntries(
      entries.map(([name], at) => [name, run(name, at === 0)]),
    ) as unknown as Record<Name, Run>,
    ratio: (to) =>
      median(measured[first].all.map((rate, at) => rate / (measured[to].all[at] as number))),
    processorMicros: (name) => measured[name].processorMicros / measured[name].requests,
  };
}

async function timed(work: Work, requests: number, into: Measured): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work(requests);
  const rate = (1_000 * requests) / (performance.now() - startedAt);
  const { user, system } = process.cpuUsage(before);
  into.rates.push(rate);
  into.all.push(rate);
  into.processorMicros += user + system;
  into.requests += requests;
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
