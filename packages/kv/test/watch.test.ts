import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Command,
  KvStateMachine,
  WatchHub,
  type WatchMessage,
  type WatchRequest,
  type WatchStream,
  withPrefix,
} from "../src/index.ts";
import { arbitraryCommand } from "./arbitrary-command.ts";
import { put, run } from "./machine.ts";
import { NaiveStore } from "./naive-store.ts";
import { arbitraryRequest, type Request, ToldWatch } from "./told-watch.ts";

type Step =
  | { readonly kind: "command"; readonly command: Command<string> }
  | { readonly kind: "watch"; readonly request: Request }
  | { readonly kind: "take"; readonly count: number }
  | { readonly kind: "progress" | "restore" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: arbitraryCommand.map((command) => ({ kind: "command" as const, command })),
  },
  {
    weight: 3,
    arbitrary: arbitraryRequest.map((each) => ({ kind: "watch" as const, request: each })),
  },
  { weight: 4, arbitrary: fc.nat(4).map((count) => ({ kind: "take" as const, count })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("progress" as const, "restore" as const).map((kind) => ({ kind })),
  },
);

/** All that a stream has to tell now. */
function drained(stream: WatchStream): WatchMessage[] {
  const messages: WatchMessage[] = [];
  for (let next = stream.next(); next !== undefined; next = stream.next()) {
    if (next !== "working") messages.push(next);
  }
  return messages;
}

function keysOf(messages: readonly WatchMessage[]): string[] {
  return messages.map((message) =>
    message.kind === "events"
      ? message.batch.events.map(({ kv }) => `${kv.key}@${kv.modRevision}`).join(" ")
      : message.kind,
  );
}

function started(...requests: WatchRequest[]): { machine: KvStateMachine; stream: WatchStream } {
  const machine = new KvStateMachine();
  const stream = new WatchHub(machine).openStream();
  for (const each of requests) stream.watch(each);
  drained(stream);
  return { machine, stream };
}

describe("watches", () => {
  it("ordered, unique, atomic, reliable: as a search through all versions, however slowly they are taken", async () => {
    let events = 0;
    let compacted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 80, size: "max" }),
        fc.constantFrom(1, 60, 1_000_000),
        async (steps, maxMessageBytes) => {
          const machine = new KvStateMachine();
          const naive = new NaiveStore();
          const stream = new WatchHub(machine).openStream({ maxMessageBytes });
          const watches = new Map<number, ToldWatch>();
          const take = (): boolean => {
            const message = stream.next();
            if (message === undefined) return false;
            if (message !== "working") watches.get(message.watchId)!.take(message, naive);
            return true;
          };
          for (const each of steps) {
            if (each.kind === "command") {
              if (run(machine, each.command).kind !== "refused") naive.command(each.command);
            } else if (each.kind === "watch") {
              const watch = new ToldWatch(each.request, machine.revision);
              watches.set(stream.watch(each.request), watch);
            } else if (each.kind === "take") {
              for (let left = each.count; left > 0 && take(); left--);
            } else if (each.kind === "progress") stream.requestProgress();
            else await machine.restore(machine.snapshot());
          }
          while (take());
          for (const watch of watches.values()) {
            watch.finish(naive);
            events += watch.events.length;
            if (watch.compactedAt !== undefined) compacted++;
          }
          expect(stream.size).toBe(
            [...watches.values()].filter(({ compactedAt }) => compactedAt === undefined).length,
          );
        },
      ),
      { numRuns: 600 },
    );
    expect(events).toBeGreaterThan(1_000);
    expect(compacted).toBeGreaterThan(50);
  });

  it("begins after the current revision, or at the one that is asked for, also ahead", () => {
    const machine = new KvStateMachine();
    for (let write = 0; write < 3; write++) run(machine, put("a")); // revisions 2 to 4
    const stream = new WatchHub(machine).openStream();
    const ids = [0, 3, 6].map((startRevision) => stream.watch({ key: "a", startRevision }));
    for (let write = 0; write < 3; write++) run(machine, put("a"));
    const byWatch = new Map<number, string>();
    for (const message of drained(stream)) {
      byWatch.set(message.watchId, keysOf([message])[0]!);
    }
    expect(ids.map((id) => byWatch.get(id))).toEqual([
      "a@5 a@6 a@7",
      "a@3 a@4 a@5 a@6 a@7",
      "a@6 a@7",
    ]);
  });

  it("one that begins at the compacted revision misses nothing of it, deletions neither", () => {
    const machine = new KvStateMachine();
    run(machine, put("a"));
    run(machine, { kind: "delete", key: "a" }); // revision 3
    run(machine, put("b"));
    run(machine, { kind: "compact", revision: 3 });
    const stream = new WatchHub(machine).openStream();
    stream.watch({ ...withPrefix(""), startRevision: 3 });
    expect(keysOf(drained(stream))).toEqual(["a@3 b@4"]);
  });

  it("is told `compacted`, with the revision, when what it needs next is gone; others go on", () => {
    const { machine, stream } = started();
    for (let write = 0; write < 4; write++) run(machine, put("a")); // revisions 2 to 5
    run(machine, { kind: "compact", revision: 4 });
    const gone = stream.watch({ key: "a", startRevision: 3 });
    const kept = stream.watch({ key: "a", startRevision: 4 });
    const messages = drained(stream);
    expect(messages).toMatchObject([
      { kind: "compacted", watchId: gone, compactRevision: 4 },
      { kind: "events", watchId: kept },
    ]);
    expect(stream.cancel(gone)).toBe(false);
  });

  it("a slow one has a bounded queue: it reads history, and is told all the same", () => {
    const { machine, stream } = started(withPrefix("a"), { key: "a/7" });
    for (let write = 0; write < 40_000; write++) run(machine, put(`a/${write % 10}`));
    const events = drained(stream).flatMap((message) =>
      message.kind === "events" ? message.batch.events.map((event) => ({ ...event, message })) : [],
    );
    const of = (watchId: number): number[] =>
      events.filter(({ message }) => message.watchId === watchId).map(({ kv }) => kv.modRevision);
    expect(of(1)).toEqual(Array.from({ length: 40_000 }, (_, at) => at + 2));
    expect(of(2)).toEqual(Array.from({ length: 4_000 }, (_, at) => at * 10 + 9));
  });

  it("watches of one range share what they are told, and its encoding", () => {
    const { machine, stream } = started(withPrefix("a"), withPrefix("a"));
    run(machine, put("a/1"));
    const [one, other] = drained(stream);
    if (one?.kind !== "events" || other?.kind !== "events") throw new Error("no events");
    expect([one.watchId, other.watchId]).toEqual([1, 2]);
    expect(other.batch).toBe(one.batch);
    expect(other.batch.encode()).toBe(one.batch.encode());
  });

  it("progress: says how far it is once it was told everything, though nothing of its keys happened", () => {
    const { machine, stream } = started({ key: "a" });
    run(machine, put("b"));
    run(machine, put("a"));
    run(machine, put("b"));
    stream.requestProgress();
    expect(drained(stream)).toMatchObject([
      { kind: "events", watchId: 1 },
      { kind: "progress", watchId: 1, revision: 4 },
    ]);
    stream.requestProgress(1);
    expect(drained(stream)).toMatchObject([{ kind: "progress", revision: 4 }]);
  });

  it("a revision that is too large for a message comes in fragments that are marked", () => {
    const machine = new KvStateMachine();
    const stream = new WatchHub(machine).openStream({ maxMessageBytes: 100 });
    stream.watch(withPrefix("a"));
    const success = ["a/1", "a/2", "a/3", "a/4", "a/5"].map((each) => put(each, "x")) as never;
    run(machine, put("a/0"));
    run(machine, { kind: "transaction", compares: [], success, failure: [] });
    run(machine, put("a/6"));
    const messages = drained(stream);
    expect(keysOf(messages)).toEqual(["a/0@2", "a/1@3 a/2@3", "a/3@3 a/4@3", "a/5@3 a/6@4"]);
    expect(messages.map((each) => each.kind === "events" && each.isFragment)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("a cancelled one is told nothing more, not even what was on its way", () => {
    const { machine, stream } = started({ key: "a" }, { key: "a" });
    run(machine, put("a"));
    expect(stream.cancel(1)).toBe(true);
    expect(stream.cancel(1)).toBe(false);
    expect(drained(stream)).toMatchObject([{ watchId: 2 }]);
    stream.close();
    run(machine, put("a"));
    expect(drained(stream)).toEqual([]);
  });

  it("says that there is something to take once, and again only after all was taken", () => {
    const machine = new KvStateMachine();
    let readable = 0;
    const stream = new WatchHub(machine).openStream({ onReadable: () => readable++ });
    for (let watch = 0; watch < 10; watch++) stream.watch({ key: "a" });
    expect(readable).toBe(1);
    drained(stream);
    run(machine, put("a"));
    run(machine, put("a"));
    expect(readable).toBe(2);
    stream.next();
    run(machine, put("a"));
    expect(readable).toBe(2);
    drained(stream);
    run(machine, put("a"));
    expect(readable).toBe(3);
  });

  it("refuses an empty key and a start that is no revision", () => {
    const { stream } = started();
    for (const [each, code] of [
      [{ key: "" }, "empty-key"],
      [{ key: "a", startRevision: -1 }, "invalid-option"],
    ] as const) {
      expect(() => stream.watch(each)).toThrow(expect.objectContaining({ code }));
    }
  });
});
