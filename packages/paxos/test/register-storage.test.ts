import { FileSystemError, integerBetween, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_BALLOT, Write } from "../src/index.ts";
import type { RegisterRecord } from "../src/register/core/register-record.ts";
import { KeyHasher, type KeyHash } from "../src/register/storage/key-hash.ts";
import { LogRegisterStorage } from "../src/register/storage/log-register-storage.ts";
import { PlaceIndex } from "../src/register/storage/place-index.ts";

const BASE = { directory: "/data", nodeId: "n1", members: ["n1", "n2", "n3"] };

async function opened(disk: MemoryFileSystem, bootstrap = false, options = {}) {
  const all = { ...BASE, segmentBytes: 4_096, slackRecords: 20, bootstrap, ...options };
  const storage = new LogRegisterStorage(all, disk, seededRandom("storage"));
  return { storage, loaded: await storage.load() };
}

function record(key: string, round: number, value: string | undefined): RegisterRecord {
  const ballot = { round, node: "n2", incarnation: 5 };
  const marks = [{ incarnation: 5, sequence: round }];
  const bytes = value === undefined ? undefined : new TextEncoder().encode(value);
  const accepted = { ballot, value: { value: bytes, marks, forgotten: 0 } };
  return { kind: "key", key, state: { promised: ballot, accepted } };
}

async function valueOf(storage: LogRegisterStorage, key: string): Promise<string | undefined> {
  const value = (await storage.read(key))?.accepted?.value.value;
  return value && new TextDecoder().decode(value);
}

async function allKeys(storage: LogRegisterStorage): Promise<string[]> {
  const keys = new Set<string>();
  for (let cursor: number | undefined = 0; cursor !== undefined;) {
    const page: Awaited<ReturnType<typeof storage.keys>> = await storage.keys(cursor);
    for (const key of page.keys) keys.add(key);
    cursor = page.next;
  }
  return [...keys].toSorted();
}

/** A disk as one life of a process sees it: the life that is over does nothing more. */
function mounted(disk: MemoryFileSystem): { fileSystem: MemoryFileSystem; end: () => void } {
  let isOver = false;
  const fileSystem = new Proxy(disk, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown =>
        isOver
          ? new Promise(() => {})
          : (value as (...all: unknown[]) => unknown).apply(target, args);
    },
  });
  return { fileSystem, end: () => (isOver = true) };
}

describe("LogRegisterStorage", () => {
  it("is like a map that crashes: what was persisted is there, in whatever order and however often", async () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 12 }).map((number) => `k${number}`),
      value: fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
      isForgotten: fc.boolean(),
      crash: fc.integer({ min: 0, max: 40 }).map((dice) => dice === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150 }), async (steps) => {
        const disk = new MemoryFileSystem();
        let life = mounted(disk);
        let { storage } = await opened(life.fileSystem, true);
        const naive = new Map<string, string | undefined>();
        let sequence = 0;
        for (const { key, value, isForgotten, crash } of steps) {
          const written: RegisterRecord = isForgotten
            ? { kind: "key", key, state: undefined }
            : record(key, ++sequence, value);
          await storage.persist(new Write(++sequence, [record(key, ++sequence, "x"), written]));
          if (isForgotten) naive.delete(key);
          else naive.set(key, value);
          if (crash) {
            life.end();
            disk.crash();
            life = mounted(disk);
            ({ storage } = await opened(life.fileSystem));
          }
        }
        expect(await allKeys(storage)).toEqual([...naive.keys()].toSorted());
        for (const [key, value] of naive) expect(await valueOf(storage, key)).toBe(value);
        expect(storage.metrics().keys).toBe(naive.size);
        await storage.close();
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  it("many writes at once take effect in their order, while the log is cleaned under them", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    const random = seededRandom("writes");
    const last = new Map<string, string>();
    const under: Promise<unknown>[] = [];
    for (let at = 1; at <= 2_000; at++) {
      const key = `k${integerBetween(random, 0, 9)}`;
      last.set(key, `${at}`);
      under.push(storage.persist(new Write(at, [record(key, at, `${at}`)])));
      if (at % 7 === 0) await Promise.all(under.splice(0));
    }
    await Promise.all(under);
    for (const [key, value] of last) expect(await valueOf(storage, key)).toBe(value);
    // Cleaning keeps up with writes that wait for each other.
    for (let at = 2_001; at <= 2_200; at++) {
      await storage.persist(new Write(at, [record("k0", at, `${at}`)]));
    }
    last.set("k0", "2200");
    expect(storage.metrics().records).toBeLessThan(400);
    disk.crash();
    const again = await opened(disk);
    for (const [key, value] of last) expect(await valueOf(again.storage, key)).toBe(value);
    await again.storage.close();
  });

  it("the space of what was replaced or forgotten is given back", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    for (let at = 1; at <= 500; at++) {
      await storage.persist(new Write(at, [record(`k${at}`, at, "x".repeat(100))]));
      await storage.persist(new Write(at, [{ kind: "key", key: `k${at}`, state: undefined }]));
    }
    await storage.close();
    const sizes = (await disk.list("/data")).map((name) => disk.file(`/data/${name}`).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(40_000);
    const again = await opened(disk);
    expect(await allKeys(again.storage)).toEqual([]);
    await again.storage.close();
  });

  it("identity, configuration and what was forgotten survive all cleaning", async () => {
    const disk = new MemoryFileSystem();
    const first = await opened(disk, true);
    const members = [{ node: "n4", birth: 7, joined: 2 }];
    const config = { epoch: 3, members, next: undefined, forgotten: NO_BALLOT };
    const ballot = { round: 9, node: "n2", incarnation: 5 };
    const write = new Write<RegisterRecord>(1, [
      { kind: "config", config },
      { kind: "forgotten", ballot },
    ]);
    await first.storage.persist(write);
    for (let at = 2; at <= 500; at++) {
      await first.storage.persist(new Write(at, [record("k", at, "x")]));
    }
    disk.crash();
    const { storage, loaded } = await opened(disk);
    expect(loaded).toMatchObject({ config, forgotten: ballot });
    expect(loaded.identity.birth).toBe(first.loaded.identity.birth);
    expect(loaded.identity.incarnation).toBe(first.loaded.identity.incarnation + 1);
    expect(loaded.identity.votes).toBe(true);
    await storage.close();
  });

  it("after a reset there are no keys but those of later, also under cleaning and after a crash", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    for (let at = 1; at <= 100; at++) {
      await storage.persist(new Write(at, [record(`k${at % 10}`, at, "old")]));
    }
    const reset: RegisterRecord[] = [
      record("k1", 1, "old"),
      { kind: "reset" },
      record("k2", 2, "new"),
    ];
    const under = [storage.persist(new Write(101, [record("k3", 3, "old")]))];
    under.push(storage.persist(new Write(102, reset)));
    await Promise.all(under);
    expect(await allKeys(storage)).toEqual(["k2"]);
    for (let at = 103; at <= 200; at++) {
      await storage.persist(new Write(at, [record("k2", at, "new")]));
    }
    disk.crash();
    const again = await opened(disk);
    expect(await allKeys(again.storage)).toEqual(["k2"]);
    await again.storage.close();
  });

  it("keys that hold nothing are told of at the start", async () => {
    const disk = new MemoryFileSystem();
    const first = await opened(disk, true);
    await first.storage.persist(new Write(1, [record("a", 1, undefined), record("b", 2, "x")]));
    await first.storage.persist(new Write(2, [record("c", 3, undefined), record("c", 4, "x")]));
    await first.storage.close();
    const { storage, loaded } = await opened(disk);
    expect(loaded.empty).toEqual(["a"]);
    await storage.close();
  });

  it("paxos.md 8: an empty directory of a node that is not new has no vote, and another's is refused", async () => {
    const disk = new MemoryFileSystem();
    const { storage, loaded } = await opened(disk);
    expect(loaded.identity.votes).toBe(false);
    await storage.close();
    await expect(opened(disk, true, { nodeId: "n2" })).rejects.toMatchObject({
      code: "wrong-directory",
    });
  });

  it("paxos.md 9: a bit that turned over in a record is found when it is read, or at the start", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    const value = "noodles".repeat(50);
    await storage.persist(new Write(1, [record("k", 1, value)]));
    const [name] = (await disk.list("/data")).filter((each) => !each.endsWith(".part"));
    const file = disk.file(`/data/${name}`);
    const content = new Uint8Array(file.size);
    file.read(content, 0);
    const at = Buffer.from(content).indexOf(value) + 100;
    file.flipBit(at, 3);
    await expect(storage.read("k")).rejects.toMatchObject({ code: "damaged" });
    await storage.close();
    await expect(opened(disk)).rejects.toMatchObject({ code: "damaged" });
  });

  it("paxos.md 3: a write that fails is told, and nothing after it succeeds", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    disk.onOperation = ({ operation }) => {
      if (operation === "sync") throw new FileSystemError("io-error", "/data", "gone");
    };
    await expect(storage.persist(new Write(1, [record("k", 1, "x")]))).rejects.toThrow(
      /write failed/,
    );
    disk.onOperation = () => {};
    await expect(storage.persist(new Write(2, [record("k", 2, "x")]))).rejects.toThrow(
      /write failed/,
    );
  });
});

describe("PlaceIndex", () => {
  it("is a map of hashes, also where they collide and are deleted", () => {
    // Few homes, so that runs are long and wrap around.
    const hash = fc.record({ high: fc.nat(3), low: fc.constantFrom(0, 1, 2, 1_022, 1_023, 2_047) });
    const step = fc.record({ hash, place: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new PlaceIndex();
        const naive = new Map<string, number>();
        const name = ({ high, low }: KeyHash): string => `${high}/${low}`;
        for (const each of steps) {
          if (each.place === undefined) {
            index.delete(each.hash);
            naive.delete(name(each.hash));
          } else {
            index.set(each.hash, each.place);
            naive.set(name(each.hash), each.place);
          }
          for (const { hash: asked } of steps)
            expect(index.get(asked)).toBe(naive.get(name(asked)));
        }
        expect(index.size).toBe(naive.size);
      }),
      { numRuns: 30 },
    );
  });

  it("takes 21 to 43 bytes for each of a million keys, none of which has another's hash", () => {
    const hasher = new KeyHasher({ high: 123, low: 456 });
    const index = new PlaceIndex();
    for (let key = 0; key < 1_000_000; key++) index.set(hasher.hash(`order/${key}`), key);
    expect(index.size).toBe(1_000_000);
    expect(index.bytes / index.size).toBeLessThan(43);
    for (let key = 0; key < 1_000_000; key += 997) {
      expect(index.get(hasher.hash(`order/${key}`))).toBe(key);
    }
  });
});
