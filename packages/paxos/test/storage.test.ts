import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AcceptorState, UNTOUCHED, WalSynodStorage, Write } from "../src/index.ts";
import { decodeSynodRecord, encodeSynodRecord } from "../src/storage/synod-record.ts";

const DIRECTORY = "/data/n1";

async function opened(disk: MemoryFileSystem, bootstrap = false, nodeId = "n1") {
  const options = { directory: DIRECTORY, nodeId, bootstrap };
  const storage = new WalSynodStorage(options, disk, seededRandom(Math.PI));
  return { storage, ...(await storage.load()) };
}

function state(round: number, value?: string): AcceptorState<Uint8Array> {
  const ballot = { round, node: "n2", incarnation: 5 };
  const accepted =
    value === undefined ? undefined : { ballot, value: new TextEncoder().encode(value) };
  return { promised: ballot, accepted };
}

describe("WalSynodStorage", () => {
  it("a new node has promised nothing, and votes", async () => {
    const found = await opened(new MemoryFileSystem(), true);
    expect(found.identity).toMatchObject({ node: "n1", votes: true });
    expect(found.state).toEqual(UNTOUCHED);
    await found.storage.close();
  });

  it("paxos.md 3: what was persisted is there after a crash", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    const write = new Write(1, [state(3), state(4, "noodles")]);
    expect((await storage.persist(write)).sequence).toBe(1);
    disk.crash();
    const again = await opened(disk);
    expect(again.state).toEqual(state(4, "noodles"));
    expect(again.identity.votes).toBe(true);
  });

  it("paxos.md 1: each start is another incarnation, durable before `load` resolves", async () => {
    const disk = new MemoryFileSystem();
    const seen = new Set<number>();
    for (let start = 0; start < 40; start++) {
      const { identity } = await opened(disk, start === 0);
      seen.add(identity.incarnation);
      disk.crash();
    }
    expect(seen.size).toBe(40);
  });

  it("paxos.md 8: an empty directory of a node that is not new has no vote, and never gets one", async () => {
    const disk = new MemoryFileSystem();
    const first = await opened(disk);
    expect(first.identity.votes).toBe(false);
    await first.storage.close();
    const again = await opened(disk, true);
    expect(again.identity.votes).toBe(false);
  });

  it("paxos.md 9: a record that a crash tears is as if it was never asked for, and no less is read", async () => {
    const value = "noodles".repeat(500);
    for (let seed = 0; seed < 100; seed++) {
      const disk = new MemoryFileSystem();
      const { storage } = await opened(disk, true);
      await storage.persist(new Write(1, [state(3, value)]));
      let isWritten = false;
      disk.onOperation = ({ operation }) => {
        if (operation === "sync") {
          isWritten = true;
          throw new FileSystemError("io-error", DIRECTORY, "the power went out");
        }
      };
      await expect(storage.persist(new Write(2, [state(4, value)]))).rejects.toMatchObject({
        code: "failed",
      });
      expect(isWritten).toBe(true);
      disk.onOperation = () => {};
      disk.crash(seededRandom(seed));
      const found = await opened(disk);
      expect([3, 4]).toContain(found.state.promised.round);
      expect(found.state).toEqual(state(found.state.promised.round, value));
    }
  });

  it("paxos.md 9: a bit that turned over anywhere is found, or changes nothing", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    await storage.persist(new Write(1, [state(3, "noodles")]));
    await storage.close();
    const [name] = (await disk.list(DIRECTORY)).filter((each) => !each.endsWith(".part"));
    const path = `${DIRECTORY}/${name}`;
    const used = 1_024;
    let found = 0;
    for (let at = 0; at < Math.min(used, disk.file(path).size); at++) {
      disk.file(path).flipBit(at, at % 8);
      const options = { directory: DIRECTORY, nodeId: "n1", bootstrap: false };
      const damaged = new WalSynodStorage(options, disk, seededRandom(1));
      const read = await damaged.load().catch((error: unknown) => error);
      if (read instanceof Error) {
        expect(read).toMatchObject({ code: "damaged" });
        found++;
        disk.file(path).flipBit(at, at % 8);
      } else {
        // Beyond what is used; or the seal at the end, which holds nothing.
        expect(read).toMatchObject({ state: state(3, "noodles") });
        await damaged.close();
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  it("another node's directory is refused", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    await storage.close();
    await expect(opened(disk, false, "n2")).rejects.toMatchObject({ code: "wrong-directory" });
  });

  it("a thousand records take no more room than a few", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, true);
    const value = "noodles".repeat(500);
    for (let round = 1; round <= 200; round++) {
      await storage.persist(new Write(round, [state(round, value)]));
    }
    await storage.close();
    const sizes = (await disk.list(DIRECTORY)).map(
      (name) => disk.file(`${DIRECTORY}/${name}`).size,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1024 * 1024);
    expect((await opened(disk)).state.promised.round).toBe(200);
  });
});

describe("records as bytes", () => {
  const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const name = fc.string({ minLength: 1, maxLength: 40 });
  const ballot = fc.record({ round: number, node: name, incarnation: number });
  const record = fc.record({
    identity: fc.record({
      node: name,
      birth: fc.constant(7),
      incarnation: fc.integer({ min: 7 }),
      votes: fc.boolean(),
    }),
    state: fc.record({
      promised: ballot,
      accepted: fc.option(fc.record({ ballot, value: fc.uint8Array() }), { nil: undefined }),
    }),
  });

  it("every record comes back as it was, and one that was cut is refused", () => {
    fc.assert(
      fc.property(record, fc.nat(), (written, cut) => {
        const bytes = encodeSynodRecord(written);
        expect(decodeSynodRecord(bytes)).toEqual(written);
        expect(() => decodeSynodRecord(bytes.subarray(0, cut % bytes.length))).toThrow(
          expect.objectContaining({ code: "malformed" }),
        );
      }),
    );
  });

  it("the first byte is the version, and another version is refused", () => {
    const identity = { node: "a", birth: 1, incarnation: 1, votes: true };
    const bytes = encodeSynodRecord({ identity, state: UNTOUCHED }).slice();
    expect(bytes[0]).toBe(1);
    bytes[0] = 9;
    expect(() => decodeSynodRecord(bytes)).toThrow(/version 9/);
  });
});
