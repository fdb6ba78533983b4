import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeCommand, KvStateMachine, WatchHub, withPrefix } from "../src/index.ts";
import { LmdbEngine } from "../src/lmdb/index.ts";
import { arbitraryCommand } from "./arbitrary-command.ts";
import { put, query, run } from "./machine.ts";

const all = { kind: "range", key: "\0", rangeEnd: "\0" } as const;

/** Everything that a store answers: all of it at all revisions, and its leases. */
function answersOf(machine: KvStateMachine): unknown {
  const revisions = Array.from({ length: machine.revision + 1 }, (_, at) => at);
  return {
    hash: machine.hash(),
    bytes: machine.bytes,
    size: machine.size,
    leases: machine.leases().map(({ id }) => machine.lease(id)),
    states: revisions.map((revision) => query(machine, { ...all, revision })),
    ranges: ["a", "aa", "b"].flatMap((key) => [
      ...revisions.map((revision) => query(machine, { kind: "range", key, revision })),
      query(machine, { ...all, key, limit: 2, sort: { target: "key", order: "descending" } }),
      query(machine, { kind: "range", key, rangeEnd: "c", limit: 1 }),
      query(machine, { kind: "range", key, rangeEnd: "aa", countOnly: true }),
    ]),
    changes: machine.reads.changes(machine.compactRevision, Infinity),
  };
}

describe("LmdbEngine", () => {
  let directory: string;
  let opened: LmdbEngine[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kv-lmdb-"));
    opened = [];
  });

  afterEach(async () => {
    for (const engine of opened) await engine.close();
    rmSync(directory, { recursive: true });
  });

  function openAt(name: string): LmdbEngine {
    const engine = LmdbEngine.open(join(directory, name));
    opened.push(engine);
    return engine;
  }

  async function close(engine: LmdbEngine): Promise<void> {
    opened = opened.filter((each) => each !== engine);
    await engine.close();
  }

  it("answers as the engine in memory does, before and after it was closed and opened again", async () => {
    const commands = fc.array(arbitraryCommand, { maxLength: 40, size: "medium" });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(commands, commands, async (before, after) => {
        const path = `${runs++}`;
        const memory = new KvStateMachine();
        let engine = openAt(path);
        let disk = new KvStateMachine({}, { engine });
        for (const command of before) expect(run(disk, command)).toEqual(run(memory, command));
        expect(answersOf(disk)).toEqual(answersOf(memory));
        await close(engine);
        engine = openAt(path);
        disk = new KvStateMachine({}, { engine });
        expect(answersOf(disk)).toEqual(answersOf(memory));
        for (const command of after) expect(run(disk, command)).toEqual(run(memory, command));
        expect(answersOf(disk)).toEqual(answersOf(memory));
        await close(engine);
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("a snapshot of either engine restores into either, also over a state that was there", async () => {
    const commands = fc.array(arbitraryCommand, { maxLength: 30, size: "medium" });
    const disk = new KvStateMachine({}, { engine: openAt("one") });
    await fc.assert(
      fc.asyncProperty(commands, commands, async (some, others) => {
        const memory = new KvStateMachine();
        for (const command of some) run(memory, command);
        await disk.restore(memory.snapshot());
        expect(answersOf(disk)).toEqual(answersOf(memory));
        for (const command of others) expect(run(disk, command)).toEqual(run(memory, command));
        const copy = new KvStateMachine();
        await copy.restore(disk.snapshot());
        expect(answersOf(copy)).toEqual(answersOf(memory));
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("a snapshot shows one moment, while writes, compactions and deletes go on", async () => {
    const disk = new KvStateMachine({}, { engine: openAt("one") });
    const writes = Array.from({ length: 3_000 }, (_, at) => put(`${at % 500}`, "x".repeat(200)));
    disk.apply(writes.map((write, at) => ({ index: at + 1, command: encodeCommand(write) })));
    const memory = new KvStateMachine();
    await memory.restore(disk.snapshot());
    const snapshot = disk.snapshot();
    async function* whileWriting(): AsyncGenerator<Uint8Array> {
      for await (const chunk of snapshot) {
        yield chunk;
        run(disk, { kind: "compact", revision: disk.revision });
        run(disk, { kind: "delete", key: "1", rangeEnd: "2" });
        run(disk, put("7", "later"));
      }
    }
    const copy = new KvStateMachine();
    await copy.restore(whileWriting());
    expect(copy.hash()).toBe(memory.hash());
    expect(query(copy, all)).toEqual(query(memory, all));
    expect(disk.hash()).not.toBe(memory.hash());
  });

  it("watches read their history from the disk", () => {
    const disk = new KvStateMachine({}, { engine: openAt("one") });
    for (let write = 0; write < 10; write++) run(disk, put(`a/${write}`));
    const stream = new WatchHub(disk).openStream();
    stream.watch({ ...withPrefix("a/"), startRevision: 2 });
    const message = stream.next();
    expect(message !== "working" && message?.kind === "events" && message.batch.events.length).toBe(
      10,
    );
  });

  it("takes keys of any bytes up to its limit, in the order of the bytes, at every revision", () => {
    const disk = new KvStateMachine({}, { engine: openAt("one") });
    const memory = new KvStateMachine();
    const edge = fc.array(fc.constantFrom(0, 1, 0xfe, 0xff), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 12, size: "medium" }), (keys) => {
        for (const each of [disk, memory]) {
          for (const bytes of keys) run(each, put(Uint8Array.from(bytes)));
          run(each, { kind: "delete", key: Uint8Array.of(0), rangeEnd: Uint8Array.of(1) });
        }
        const revision = Math.max(1, disk.revision - 3);
        for (const range of [all, { ...all, revision }]) {
          expect(query(disk, range)).toEqual(query(memory, range));
        }
      }),
      { numRuns: 50 },
    );
    const longest = new Uint8Array(980);
    for (const each of ["1", "2"]) expect(run(disk, put(longest, each)).kind).toBe("put");
    expect(query(disk, { kind: "range", key: longest })).toMatchObject({ kvs: [{ version: 2 }] });
    expect(run(disk, put(new Uint8Array(981)))).toEqual({
      kind: "refused",
      code: "key-too-large",
    });
  });

  it("killed in the midst of its work, it has whole batches, and no part of one", async () => {
    // Each batch puts a counter three times, in three commands, and says so when it is applied.
    const program = `
      import { KvStateMachine, encodeCommand } from ${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))};
      import { LmdbEngine } from ${JSON.stringify(join(import.meta.dirname, "../src/lmdb/index.ts"))};
      const machine = new KvStateMachine({}, { engine: LmdbEngine.open(process.argv[1]) });
      const until = Number(process.argv[2]);
      for (let batch = 1; ; batch++) {
        const entries = ["a", "b", "c"].map((key, at) => ({
          index: 3 * batch + at,
          command: encodeCommand({ kind: "put", key, value: String(batch) }),
        }));
        const apply = machine.apply.bind(machine);
        if (batch === until) {
          const all = entries.values();
          entries.map = function (each) {
            return [each(all.next().value), process.kill(process.pid, "SIGKILL")];
          };
        }
        apply(entries);
      }
    `;
    for (const until of [1, 2, 20]) {
      const path = join(directory, `${until}`);
      const node = [
        "--conditions=@quorate/source",
        "--import",
        "@oxc-node/core/register",
        "--input-type=module",
      ];
      const kill = (): Buffer =>
        execFileSync(process.execPath, [...node, "-e", program, path, `${until}`], {
          stdio: "pipe",
        });
      expect(kill).toThrow(expect.objectContaining({ signal: "SIGKILL" }));
      const engine = openAt(`${until}`);
      const machine = new KvStateMachine({}, { engine });
      expect(machine.revision).toBe(1 + 3 * (until - 1));
      const last = { value: `${until - 1}`, version: until - 1 };
      expect(query(machine, all)).toMatchObject({ kvs: until === 1 ? [] : [last, last, last] });
      const replayed = new KvStateMachine();
      for (let batch = 1; batch < until; batch++) {
        for (const key of ["a", "b", "c"]) run(replayed, put(key, `${batch}`));
      }
      expect(machine.hash()).toBe(replayed.hash());
      await close(engine);
    }
  }, 60_000);
});
