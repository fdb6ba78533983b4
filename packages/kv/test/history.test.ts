import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_KEYS, type Command, KvStateMachine } from "../src/index.ts";
import { MemoryEngine } from "../src/engine/memory-engine.ts";
import { arbitraryCommand } from "./arbitrary-command.ts";
import { put, query, run } from "./machine.ts";
import { NaiveStore, type Version } from "./naive-store.ts";

const all = { kind: "range", key: "\0", rangeEnd: "\0" } as const;

function at(machine: KvStateMachine, revision: number, key: string): unknown {
  return query(machine, { kind: "range", key, revision });
}

/** What must be kept once the compaction is over: the rest is in no answer. */
function kept({ versions, compactRevision }: NaiveStore): Version[] {
  return versions.filter((each, index) => {
    if (each.modRevision >= compactRevision) return true;
    const isReplaced = versions
      .slice(index + 1)
      .some(({ key, modRevision }) => key === each.key && modRevision < compactRevision);
    return !isReplaced && each.version > 0;
  });
}

/** Both after the same commands; those that are refused for how they are written are left out. */
function both(commands: readonly Command<string>[]): {
  readonly machine: KvStateMachine;
  readonly naive: NaiveStore;
} {
  const machine = new KvStateMachine();
  const naive = new NaiveStore();
  for (const command of commands) {
    if (run(machine, command).kind !== "refused") naive.command(command);
  }
  return { machine, naive };
}

describe("history", () => {
  it("reads every revision from the compacted to the current one as it was, and refuses others", () => {
    const ranges = fc.record({
      limit: fc.nat(3),
      minCreateRevision: fc.nat(5),
      countOnly: fc.boolean(),
      sort: fc.record({
        target: fc.constantFrom("key", "modRevision"),
        order: fc.constantFrom("ascending", "descending"),
      }),
    });
    fc.assert(
      fc.property(
        fc.array(arbitraryCommand, { maxLength: 30, size: "medium" }),
        ranges,
        (commands, options) => {
          const { machine, naive } = both(commands);
          for (let revision = 1; revision <= machine.revision + 1; revision++) {
            for (const range of [
              { ...all, revision },
              { ...all, revision, ...options },
            ]) {
              expect(query(machine, range)).toEqual(naive.command(range));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("forgets in a compaction what no answer needs, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(arbitraryCommand, { maxLength: 40, size: "medium" }), (commands) => {
        const { machine, naive } = both(commands);
        const bytes = kept(naive).map(({ key, value }) => 64 + key.length + value.length);
        expect(machine.bytes).toBe(bytes.reduce((sum, each) => sum + each, 0));
      }),
      { numRuns: 500 },
    );
  });

  it("gives a snapshot's reader the same history, leases and hash, and the same future", async () => {
    const commands = fc.array(arbitraryCommand, { maxLength: 30, size: "medium" });
    await fc.assert(
      fc.asyncProperty(commands, commands, async (before, after) => {
        const { machine } = both(before);
        const copy = new KvStateMachine();
        await copy.restore(machine.snapshot());
        for (const command of after) {
          expect(run(copy, command)).toEqual(run(machine, command));
          expect(copy.hash()).toBe(machine.hash());
        }
        for (let revision = 1; revision <= machine.revision; revision++) {
          expect(query(copy, { ...all, revision })).toEqual(query(machine, { ...all, revision }));
        }
        expect(copy.leases()).toEqual(machine.leases());
        for (const { id } of machine.leases()) expect(copy.lease(id)).toEqual(machine.lease(id));
        expect(copy.bytes).toBe(machine.bytes);
      }),
      { numRuns: 200 },
    );
  });

  it("future-revision above the current one, compacted below the compacted one", () => {
    const machine = new KvStateMachine();
    for (const value of ["1", "2", "3"]) run(machine, put("a", value)); // revisions 2 to 4
    expect(at(machine, 5, "a")).toEqual({ kind: "refused", code: "future-revision" });
    expect(at(machine, 1, "a")).toMatchObject({ count: 0, revision: 4 });
    expect(at(machine, 3, "a")).toMatchObject({ kvs: [{ value: "2" }], revision: 4 });
    expect(run(machine, { kind: "compact", revision: 5 })).toMatchObject({
      code: "future-revision",
    });
    expect(run(machine, { kind: "compact", revision: 3 })).toEqual({
      kind: "compact",
      revision: 4,
    });
    expect(run(machine, { kind: "compact", revision: 3 })).toMatchObject({ code: "compacted" });
    expect(run(machine, { kind: "compact", revision: 2 })).toMatchObject({ code: "compacted" });
    expect(at(machine, 2, "a")).toEqual({ kind: "refused", code: "compacted" });
    expect(at(machine, 3, "a")).toMatchObject({ kvs: [{ value: "2" }] });
    expect(machine.compactRevision).toBe(3);
  });

  it("a tombstone takes a revision, at which the key is gone, and a compaction drops it later", () => {
    const machine = new KvStateMachine();
    run(machine, put("a"));
    expect(run(machine, { kind: "delete", key: "a" })).toMatchObject({ revision: 3 });
    expect(at(machine, 2, "a")).toMatchObject({ count: 1 });
    expect(at(machine, 3, "a")).toMatchObject({ count: 0 });
    run(machine, put("b"));
    run(machine, { kind: "compact", revision: 4 });
    expect(machine.bytes).toBe(64 + "b".length + "v".length);
  });

  it("a transaction reads at a revision, also what it has just overwritten, but not ahead", () => {
    const machine = new KvStateMachine();
    run(machine, put("a", "old"));
    const read = (revision: number): Command => ({
      kind: "transaction",
      compares: [],
      success: [put("a", "new"), { kind: "range", key: "a", revision }] as never,
      failure: [],
    });
    expect(run(machine, read(2))).toMatchObject({ results: [{}, { kvs: [{ value: "old" }] }] });
    expect(run(machine, read(0))).toMatchObject({ results: [{}, { kvs: [{ value: "new" }] }] });
    expect(run(machine, read(5))).toEqual({ kind: "refused", code: "future-revision" });
    expect(machine.revision).toBe(4);
  });

  it("count is of the whole range; limit comes after sort and bounds, and sets more", () => {
    const machine = new KvStateMachine();
    for (const key of ["a", "b", "c", "d"]) run(machine, put(key)); // created at 2 to 5
    const bounds = { minCreateRevision: 3, maxModRevision: 4 };
    expect(query(machine, { ...all, ...bounds })).toMatchObject({ count: 4, more: false });
    expect(query(machine, { ...all, ...bounds, limit: 1 })).toMatchObject({
      kvs: [{ key: "b" }],
      count: 4,
      more: true,
    });
    expect(query(machine, { ...all, ...bounds, limit: 2 })).toMatchObject({ more: false });
  });

  it("compacts itself when it keeps a number of revisions, the same on all replicas", () => {
    const machine = new KvStateMachine({ keepRevisions: 10 });
    for (let write = 1; write <= 100; write++) {
      run(machine, put("a", `${write}`));
      expect(machine.revision - machine.compactRevision).toBeLessThanOrEqual(20);
    }
    expect(at(machine, machine.revision - 10, "a")).toMatchObject({ kvs: [{ value: "90" }] });
    expect(machine.compactRevision).toBeGreaterThan(70);
  });

  it("a large compaction is done in parts, and replicas agree after each, one from a snapshot too", async () => {
    const machine = new KvStateMachine();
    for (let write = 0; write < 20_000; write++) run(machine, put(`${write % 100}`, `${write}`));
    const before = machine.bytes;
    run(machine, { kind: "compact", revision: machine.revision });
    const afterOne = machine.bytes;
    expect(afterOne).toBeLessThan(before);
    const copy = new KvStateMachine();
    await copy.restore(machine.snapshot());
    for (let write = 0; write < 10; write++) {
      for (const each of [machine, copy]) run(each, put("x", `${write}`));
      expect(copy.hash()).toBe(machine.hash());
      expect(copy.bytes).toBe(machine.bytes);
    }
    expect(machine.bytes).toBeLessThan(afterOne / 10);
    expect(query(machine, { kind: "range", ...ALL_KEYS, countOnly: true })).toMatchObject({
      count: 101,
    });
  });
});

describe("MemoryEngine", () => {
  it("tells changes in their order, of one revision by their place, and never a part of a revision", () => {
    const machineWrites = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(machineWrites, fc.nat(14), fc.integer({ min: 1, max: 9 }), (sizes, from, max) => {
        const engine = new MemoryEngine();
        const written: Version[] = sizes.flatMap((size, revision) =>
          Array.from({ length: size }, (_, sub) => ({
            key: `${sub}`,
            value: "",
            createRevision: revision + 2,
            modRevision: revision + 2,
            version: 1,
            lease: 0,
          })),
        );
        for (const each of written) engine.write(each);
        engine.commit();
        const rest = written.filter(({ modRevision }) => modRevision >= from);
        const last = rest[Math.min(max, rest.length) - 1]?.modRevision ?? 0;
        expect(engine.changes(from, max)).toEqual(
          rest.filter(({ modRevision }) => modRevision <= last),
        );
      }),
    );
  });
});
