import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_KEYS, KvStateMachine, WatchHub } from "../src/index.ts";
import { LmdbEngine } from "../src/lmdb/index.ts";
import { arbitraryCommand } from "./arbitrary-command.ts";
import { put, query, run } from "./machine.ts";

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function imported(...parts: readonly Uint8Array[]): Promise<KvStateMachine> {
  const machine = new KvStateMachine();
  await machine.importFrom(parts.map((part) => cut(part, 1_000)));
  return machine;
}

/** A store with a lease, and keys that were written, written over and deleted. */
function filled(): KvStateMachine {
  const machine = new KvStateMachine();
  run(machine, { kind: "grant-lease", lease: 7, ttlSeconds: 60 });
  for (let at = 0; at < 10; at++) run(machine, put(`key/${at % 6}`, `value ${at}`));
  run(machine, { kind: "put", key: "leased", value: "x", lease: 7 });
  run(machine, { kind: "delete", key: "key/3" });
  return machine;
}

describe("backups", () => {
  it("a full part and those after it make the same store: history, leases, hash", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryCommand, { minLength: 10, maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 3 }),
        async (commands, cuts) => {
          const machine = new KvStateMachine();
          const parts: Buffer[] = [];
          let next = 0;
          let isFull = false;
          for (const [at, command] of commands.entries()) {
            // What the chain has is kept by who imports it, whatever the store forgets meanwhile.
            if (isFull && command.kind === "compact") continue;
            run(machine, command);
            if (!cuts.includes(at)) continue;
            const part = machine.exportFrom(next);
            parts.push(await collect(part));
            next = part.revision + 1;
            isFull = true;
          }
          parts.push(await collect(machine.exportFrom(next)));
          const copy = await imported(...parts);
          expect(copy.leases()).toEqual(machine.leases());
          for (const { id } of machine.leases()) expect(copy.lease(id)).toEqual(machine.lease(id));
          expect(copy.revision).toBe(machine.revision);
          // Unless a sweep went on between two parts, they are equal in every respect.
          if (machine.compactRevision === 0 || cuts.length === 0) {
            expect(copy.hash()).toBe(machine.hash());
          }
          const { key, rangeEnd } = ALL_KEYS;
          for (let at = machine.compactRevision || 1; at <= machine.revision; at++) {
            const all = { kind: "range", key, rangeEnd, revision: at } as const;
            expect(query(copy, all)).toEqual(query(machine, all));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("a part shows the store at the call, while writes go on", async () => {
    const machine = filled();
    const { revision } = machine;
    const hash = machine.hash();
    const part = machine.exportFrom(0);
    for (let at = 0; at < 100; at++) run(machine, put("later", `${at}`));
    run(machine, { kind: "compact", revision: machine.revision });
    const bytes = await collect(part);
    expect(part).toMatchObject({ fromRevision: 0, revision });
    expect((await imported(bytes)).hash()).toBe(hash);
  });

  it("goes on after a compaction: what a chain has of the past stays in it", async () => {
    const machine = filled();
    const first = machine.exportFrom(0);
    const full = await collect(first);
    run(machine, { kind: "compact", revision: first.revision });
    run(machine, put("key/9"));
    run(machine, { kind: "revoke-lease", lease: 7 });
    const next = await collect(machine.exportFrom(first.revision + 1));
    const copy = await imported(full, next);
    expect(copy.leases()).toEqual([]);
    expect(query(copy, { kind: "range", key: "leased" })).toMatchObject({ count: 0 });
    expect(query(copy, { kind: "range", key: "key/3", revision: 5 })).toMatchObject({ count: 1 });
    // Nothing happened: a part all the same, and the next one goes on after it.
    const none = machine.exportFrom(machine.revision + 1);
    const again = await imported(full, next, await collect(none));
    expect(again.hash()).toBe(copy.hash());
  });

  it("from a store in memory to one on disk, and back", async () => {
    const directory = mkdtempSync(join(tmpdir(), "kv-backup-"));
    const engine = LmdbEngine.open(directory);
    const machine = filled();
    const onDisk = new KvStateMachine({}, { engine });
    await onDisk.importFrom([machine.exportFrom(0)]);
    expect(onDisk.hash()).toBe(machine.hash());
    run(machine, put("more"));
    run(onDisk, put("more"));
    const copy = await imported(await collect(onDisk.exportFrom(0)));
    expect(copy.hash()).toBe(machine.hash());
    const part = await collect(onDisk.exportFrom(onDisk.revision));
    expect(part.equals(await collect(machine.exportFrom(machine.revision)))).toBe(true);
    await engine.close();
    rmSync(directory, { recursive: true });
  });

  it("watches go on over an import, as over a snapshot", async () => {
    const machine = new KvStateMachine();
    const stream = new WatchHub(machine).openStream();
    stream.watch({ ...ALL_KEYS, startRevision: 2 });
    await machine.importFrom([filled().exportFrom(0)]);
    const message = stream.next();
    expect(message !== "working" && message?.kind === "events" && message.batch.events.length).toBe(
      12,
    );
  });

  it("`compacted`, with the revision, and `future-revision`, for what cannot be exported", async () => {
    const machine = filled();
    run(machine, { kind: "compact", revision: 8 });
    expect(() => machine.exportFrom(7)).toThrow(
      expect.objectContaining({ code: "compacted", compactRevision: 8 }) as Error,
    );
    expect(machine.exportFrom(8)).toMatchObject({ fromRevision: 8 });
    expect(() => machine.exportFrom(machine.revision + 2)).toThrow(
      expect.objectContaining({ code: "future-revision" }) as Error,
    );
  });

  it("`not-empty`: a store that was written to takes none", async () => {
    const machine = filled();
    const code = "not-empty";
    await expect(machine.importFrom([filled().exportFrom(0)])).rejects.toMatchObject({ code });
    const leased = new KvStateMachine();
    run(leased, { kind: "grant-lease", lease: 1, ttlSeconds: 5 });
    await expect(leased.importFrom([filled().exportFrom(0)])).rejects.toMatchObject({ code });
  });

  it("`wrong-part`: none is missing, comes twice, or in another order; the first is a full one", async () => {
    const machine = filled();
    const parts: Buffer[] = [];
    for (let next = 0; parts.length < 3; run(machine, put("k", `${next}`))) {
      const part = machine.exportFrom(next);
      parts.push(await collect(part));
      next = part.revision + 1;
    }
    const [full, second, third] = parts as [Buffer, Buffer, Buffer];
    expect((await imported(full, second, third)).revision).toBe(machine.revision - 1);
    const wrong = [[], [second], [full, third], [full, third, second], [full, second, second]];
    for (const each of wrong) {
      await expect(imported(...each)).rejects.toMatchObject({ code: "wrong-part" });
    }
  });

  it("`truncated` wherever it is cut, `corrupt` whatever byte is flipped; the store stays empty", async () => {
    const machine = filled();
    const first = machine.exportFrom(0);
    const full = await collect(first);
    run(machine, put("k"));
    const next = await collect(machine.exportFrom(first.revision + 1));
    const empty = new KvStateMachine();
    const hash = empty.hash();
    const codes = async (parts: readonly Uint8Array[]): Promise<string> => {
      const error: unknown = await empty
        .importFrom(parts.map((part) => cut(part, 64)))
        .catch((cause: unknown) => cause);
      return (error as { code: string }).code;
    };
    for (const [before, part] of [
      [[], full],
      [[full], next],
    ] as const) {
      for (let at = 0; at < part.length; at++) {
        expect(await codes([...before, part.subarray(0, at)])).toBe("truncated");
        const flipped = Buffer.from(part);
        flipped[at]! ^= 1;
        // A length that claims more than there is looks like an end that is missing.
        expect(await codes([...before, flipped])).toMatch(/corrupt|truncated/);
        flipped[at]! ^= 0x81;
        expect(await codes([...before, flipped])).toMatch(/corrupt|truncated/);
      }
      expect(await codes([...before, Buffer.concat([part, part])])).toBe("corrupt");
    }
    expect(await codes([await collect(machine.snapshot())])).toBe("corrupt");
    expect(empty.hash()).toBe(hash);
    await empty.importFrom([cut(full, 7), cut(next, 7)]);
    expect(empty.hash()).toBe(machine.hash());
  });
});
