import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createPipeline,
  type DataStream,
  fromArray,
  type KeyedStream,
  MemorySink,
  runForTest,
  session,
  sliding,
  type TestRunOptions,
  tumbling,
  type WindowAssigner,
} from "../src/index.ts";
import { type Event, events, inBound, sorted } from "./events.ts";

type Keyed = KeyedStream<string, Event>;
type Pair = readonly [number, number | undefined];

/** What a join of two sources puts out, whichever batches their records come in. */
async function joined<Out>(
  lefts: readonly Event[],
  rights: readonly Event[],
  join: (left: Keyed, right: Keyed) => DataStream<Out>,
  options: TestRunOptions = {},
): Promise<readonly Out[]> {
  const sink = new MemorySink<Out>();
  const pipeline = createPipeline();
  const [left, right] = [lefts, rights].map((input, at) =>
    pipeline
      .from(fromArray(input, { batchSize: 2 + at, splits: ({ n }) => `${n % 2}` }), {
        watermarks: inBound,
      })
      .keyBy(({ key }) => key),
  ) as [Keyed, Keyed];
  join(left, right).to(sink, "sink");
  await runForTest(pipeline, { checkpointEvery: 3, ...options });
  return sink.committed;
}

function pairsWhere(
  lefts: readonly Event[],
  rights: readonly Event[],
  belong: (left: Event, right: Event) => number,
): Pair[] {
  return lefts.flatMap((left) =>
    rights.flatMap((right) =>
      left.key === right.key
        ? Array.from({ length: belong(left, right) }, (): Pair => [left.n, right.n])
        : [],
    ),
  );
}

/** How many windows of `sizeMs` that start every `slideMs` have both times. */
function windowsInCommon(sizeMs: number, slideMs: number) {
  return ({ atMs: one }: Event, { atMs: other }: Event): number => {
    let count = 0;
    for (let startMs = -sizeMs * slideMs; startMs <= 400; startMs += slideMs) {
      const isIn = (atMs: number): boolean => atMs >= startMs && atMs < startMs + sizeMs;
      if (isIn(one) && isIn(other)) count++;
    }
    return count;
  };
}

describe("a window join: the pairs that a batch job over all windows finds", () => {
  const cases: [string, WindowAssigner, number, number][] = [
    ["tumbling", tumbling(30), 30, 30],
    ["sliding", sliding(30, 10), 30, 10],
  ];
  it.each(cases)("%s", async (_, assigner, sizeMs, slideMs) => {
    await fc.assert(
      fc.asyncProperty(events(), events(), async (lefts, rights) => {
        const pairs = await joined(lefts, rights, (left, right) =>
          left
            .join(right)
            .window(assigner)
            .apply((one, other): Pair => [one.n, other.n]),
        );
        const expected = pairsWhere(lefts, rights, windowsInCommon(sizeMs, slideMs));
        expect(sorted(pairs)).toEqual(sorted(expected));
      }),
      { numRuns: 50 },
    );
  });

  it("session: of the records of both sides", async () => {
    await fc.assert(
      fc.asyncProperty(events(), events(), async (lefts, rights) => {
        const pairs = await joined(lefts, rights, (left, right) =>
          left
            .join(right)
            .window(session(8))
            .apply((one, other): Pair => [one.n, other.n]),
        );
        // In one session: no gap above 8 between them that no record of the key is in.
        const all = [...lefts, ...rights];
        const isOne = ({ key, atMs }: Event, { atMs: other }: Event): number => {
          const times = all
            .filter((one) => one.key === key)
            .map((one) => one.atMs)
            .filter((time) => time >= Math.min(atMs, other) && time <= Math.max(atMs, other))
            .toSorted((a, b) => a - b);
          return times.every((time, at) => time - (times[at - 1] ?? time) <= 8) ? 1 : 0;
        };
        expect(sorted(pairs)).toEqual(sorted(pairsWhere(lefts, rights, isOne)));
      }),
      { numRuns: 50 },
    );
  });

  it("coGroup: each window of a key with the elements of both sides, one may be empty", async () => {
    await fc.assert(
      fc.asyncProperty(events(), events(), async (lefts, rights) => {
        const groups = await joined(lefts, rights, (left, right) =>
          left
            .join(right)
            .window(tumbling(30))
            .coGroup<string>((ones, others, { key, startMs }, emit) =>
              emit(`${key} ${startMs} ${numbers(ones)} ${numbers(others)}`),
            ),
        );
        const expected = ["a", "b", "c"].flatMap((key) =>
          [0, 30, 60, 90, 120, 150, 180].flatMap((startMs) => {
            const isIn = (event: Event): boolean =>
              event.key === key && event.atMs >= startMs && event.atMs < startMs + 30;
            const [ones, others] = [lefts.filter(isIn), rights.filter(isIn)];
            if (ones.length + others.length === 0) return [];
            return [`${key} ${startMs} ${numbers(ones)} ${numbers(others)}`];
          }),
        );
        expect(sorted(groups)).toEqual(sorted(expected));
      }),
      { numRuns: 50 },
    );
  });
});

function numbers(input: readonly Event[]): string {
  return input
    .map(({ n }) => n)
    .toSorted((a, b) => a - b)
    .join();
}

describe("an interval join", () => {
  it("has each pair whose times are within the interval, once", async () => {
    const bounds = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.nat(30));
    await fc.assert(
      fc.asyncProperty(events(), events(), bounds, async (lefts, rights, [fromMs, spanMs]) => {
        const toMs = fromMs + spanMs;
        const pairs = await joined(lefts, rights, (left, right) =>
          left.intervalJoin(right, { fromMs, toMs }, (one, other): Pair => [one.n, other.n]),
        );
        const expected = pairsWhere(lefts, rights, (one, other) => {
          const afterMs = other.atMs - one.atMs;
          return afterMs >= fromMs && afterMs <= toMs ? 1 : 0;
        });
        expect(sorted(pairs)).toEqual(sorted(expected));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a temporal join", () => {
  it("has the version that was valid at a record's time, whichever comes first", async () => {
    await fc.assert(
      fc.asyncProperty(events(), events(), async (facts, drawn) => {
        const isFirst = ({ key, atMs }: Event, at: number): boolean =>
          drawn.findIndex((one) => one.key === key && one.atMs === atMs) === at;
        const versions = drawn.filter(isFirst);
        const pairs = await joined(facts, versions, (left, right) =>
          left.temporalJoin(right, (fact, version): Pair => [fact.n, version?.n]),
        );
        const expected = facts.map(({ n, key, atMs }): Pair => {
          const valid = versions
            .filter((version) => version.key === key && version.atMs <= atMs)
            .toSorted((a, b) => b.atMs - a.atMs)[0];
          return [n, valid?.n];
        });
        expect(sorted(pairs)).toEqual(sorted(expected));
      }),
      { numRuns: 100 },
    );
  });
});

describe("joins in subtasks", () => {
  it("whatever their number is before and after a crash: the same pairs, each once", async () => {
    const all = (left: Keyed, right: Keyed): DataStream<string> => {
      const text = (name: string) => (one: Event, other: Event | undefined) =>
        `${name} ${one.n} ${other?.n}`;
      return left
        .intervalJoin(right, { fromMs: -10, toMs: 5 }, text("interval"))
        .union(
          left.temporalJoin(right, text("version")),
          left.join(right).window(tumbling(30)).apply(text("window")),
        );
    };
    const parallelism = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
    const crash = fc.record({
      afterBatches: fc.integer({ min: 1, max: 10 }),
      at: fc.constantFrom("batch" as const, "before-commit" as const),
    });
    await fc.assert(
      fc.asyncProperty(
        events(),
        events(),
        parallelism,
        fc.array(crash, { maxLength: 2 }),
        fc.nat(),
        async (lefts, drawn, counts, crashes, seed) => {
          // Of versions of one time the last to arrive counts: in subtasks any may be.
          const isFirst = ({ key, atMs }: Event, at: number): boolean =>
            drawn.findIndex((one) => one.key === key && one.atMs === atMs) === at;
          const rights = drawn.filter(isFirst);
          const alone = await joined(lefts, rights, all);
          const options = { parallelism: counts, crashes, seed };
          const several = await joined(lefts, rights, all, options);
          expect(sorted(several)).toEqual(sorted(alone));
        },
      ),
      { numRuns: 50 },
    );
  });
});
