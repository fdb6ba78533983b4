import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countEvictor,
  createPipeline,
  type DataStream,
  type Evictor,
  fromArray,
  type KeyedStream,
  MemorySink,
  runForTest,
  session,
  timeEvictor,
  tumbling,
} from "../src/index.ts";
import { type Event, events, inBound, sorted } from "./events.ts";

async function run<Out>(
  input: readonly Event[],
  build: (keyed: KeyedStream<string, Event>) => DataStream<Out>,
): Promise<readonly Out[]> {
  const sink = new MemorySink<Out>();
  const pipeline = createPipeline();
  const keyed = pipeline
    .from(fromArray(input, { batchSize: 5 }), { watermarks: inBound })
    .keyBy(({ key }) => key);
  build(keyed).to(sink, "sink");
  await runForTest(pipeline, { checkpointEvery: 2, crashes: [{ afterBatches: 3, at: "batch" }] });
  return sink.committed;
}

describe("deduplicate", () => {
  it("first: of each key the record that came first", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const first = await run(input, (keyed) => keyed.deduplicate({ keep: "first" }));
        const isFirst = ({ key, n }: Event): boolean =>
          input.every((other) => other.key !== key || other.n >= n);
        expect(first).toEqual(input.filter(isFirst));
      }),
      { numRuns: 50 },
    );
  });

  it("last: what was put out last of a key is its newest by event time", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const all = await run(input, (keyed) => keyed.deduplicate({ keep: "last" }));
        const lastOut = new Map(all.map((event) => [event.key, event]));
        for (const key of ["a", "b", "c"]) {
          const of = input.filter((event) => event.key === key);
          const newest = of.toSorted((a, b) => a.atMs - b.atMs || a.n - b.n).at(-1);
          expect(lastOut.get(key)).toEqual(newest);
          const times = all.filter((event) => event.key === key).map(({ atMs }) => atMs);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("with a time to live: a key counts as new once it is over, and not before", async () => {
    const times = [0, 40, 99, 100, 120, 150, 260];
    const input = times.map((atMs, n) => ({ key: "a", atMs, value: 0, n }));
    const pipeline = createPipeline();
    const sink = new MemorySink<Event>();
    pipeline
      .from(fromArray(input, { batchSize: 1 }))
      .keyBy(({ key }) => key)
      .deduplicate({ keep: "first", ttl: { ttlMs: 100 } })
      .to(sink, "sink");
    // A batch each 30 ms: at 0, 30, 60, 90, 120, 150, 180 of processing time.
    await runForTest(pipeline, { batchMs: 30 });
    expect(sink.committed.map(({ n }) => n)).toEqual([0, 4]);
  });
});

describe("topN", () => {
  it("the n best of what was put out are the n best; each is put out with its rank", async () => {
    await fc.assert(
      fc.asyncProperty(events(), fc.integer({ min: 1, max: 4 }), async (input, n) => {
        const ranked = await run(input, (keyed) =>
          keyed.topN({ n, scoreOf: ({ value }) => value }),
        );
        const best = (of: readonly Event[], key: string): readonly Event[] =>
          of
            .filter((event) => event.key === key)
            .toSorted((a, b) => b.value - a.value || a.n - b.n)
            .slice(0, n);
        const expected = input.flatMap((value, at) => {
          const rank = best(input.slice(0, at + 1), value.key).indexOf(value) + 1;
          return rank > 0 ? [{ key: value.key, rank, value }] : [];
        });
        expect(ranked).toEqual(expected);
        for (const key of ["a", "b", "c"]) {
          const out = ranked.map(({ value }) => value);
          expect(best(out, key)).toEqual(best(input, key));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("windows that keep their elements", () => {
  it("process is given all of them, in the order in which they came", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const windows = await run(input, (keyed) =>
          keyed
            .window(tumbling(30))
            .process<string>((elements, { key, startMs }, emit) =>
              emit(`${key} ${startMs} ${elements.map(({ n }) => n).join()}`),
            ),
        );
        expect(sorted(windows)).toEqual(sorted(tumblingBy30(input).map(textOf)));
      }),
      { numRuns: 50 },
    );
  });

  const evictors: [string, Evictor<unknown>, (of: readonly Event[]) => readonly Event[]][] = [
    ["the last three to come", countEvictor(3), (of) => of.slice(-3)],
    [
      "those of the last 10 ms",
      timeEvictor(10),
      (of) => of.filter(({ atMs }) => atMs > Math.max(...of.map((one) => one.atMs)) - 10),
    ],
    ["all, if it evicts after", countEvictor(1, { when: "after" }), (of) => of],
  ];
  it.each(evictors)("an evictor leaves %s", async (_, evictor, left) => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const sums = await run(input, (keyed) =>
          keyed
            .window(tumbling(30))
            .evictor(evictor)
            .aggregate(
              {
                create: (): number[] => [],
                add: (all, { n }) => [...all, n],
                result: (all) => all.join(),
              },
              (all, { key, startMs }) => `${key} ${startMs} ${all}`,
            ),
        );
        const expected = tumblingBy30(input).map((one) => textOf({ ...one, of: left(one.of) }));
        expect(sorted(sums)).toEqual(sorted(expected));
      }),
      { numRuns: 50 },
    );
  });

  it("countWindow with a slide: at each `slide`th record of a key the last `size`", async () => {
    await fc.assert(
      fc.asyncProperty(
        events(),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (input, size, slide) => {
          const windows = await run(input, (keyed) =>
            keyed
              .countWindow(size, slide)
              .process<string>((elements, { key }, emit) =>
                emit(`${key} ${elements.map(({ n }) => n).join()}`),
              ),
          );
          const expected = ["a", "b", "c"].flatMap((key) => {
            const of = input.filter((event) => event.key === key).map(({ n }) => n);
            return Array.from({ length: Math.floor(of.length / slide) }, (_, at) => {
              const end = (at + 1) * slide;
              return `${key} ${of.slice(Math.max(0, end - size), end).join()}`;
            });
          });
          expect(sorted(windows)).toEqual(sorted(expected));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("fail by name when they have more than maxElements, also after a merge", async () => {
    const input = [0, 1, 10, 11, 5].map((atMs, n) => ({ key: "a", atMs, value: 1, n }));
    const build = (maxElements: number) => (keyed: KeyedStream<string, Event>) =>
      keyed
        .window(session(5))
        .maxElements(maxElements)
        .process<number>((elements, _, emit) => emit(elements.length));
    await expect(run(input, build(5))).resolves.toEqual([5]);
    await expect(run(input, build(4))).rejects.toMatchObject({
      code: "window-too-large",
      message: expect.stringContaining("window 0 to 16 of key a has 4 elements"),
    });
  });
});

interface Group {
  readonly key: string;
  readonly startMs: number;
  readonly of: readonly Event[];
}

function tumblingBy30(input: readonly Event[]): readonly Group[] {
  return ["a", "b", "c"].flatMap((key) =>
    [0, 30, 60, 90, 120, 150, 180].flatMap((startMs) => {
      const of = input.filter(
        (event) => event.key === key && event.atMs >= startMs && event.atMs < startMs + 30,
      );
      return of.length > 0 ? [{ key, startMs, of }] : [];
    }),
  );
}

function textOf({ key, startMs, of }: Group): string {
  return `${key} ${startMs} ${of.map(({ n }) => n).join()}`;
}
