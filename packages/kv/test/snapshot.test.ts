import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_KEYS, KvStateMachine } from "../src/index.ts";
import { arbitraryOperation } from "./arbitrary-command.ts";
import { put, query, run } from "./machine.ts";

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield* new KvStateMachine().snapshot();
  throw new Error("the connection broke");
}

const all = { kind: "range", ...ALL_KEYS } as const;

describe("snapshot and restore", () => {
  it("gives back the same state and hash, however the chunks are cut", async () => {
    const operations = fc.array(arbitraryOperation, { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(operations, fc.integer({ min: 1, max: 400 }), async (some, size) => {
        const machine = new KvStateMachine();
        for (const operation of some) run(machine, operation);
        const copy = new KvStateMachine();
        await copy.restore(cut(await collect(machine.snapshot()), size));
        expect(copy.hash()).toBe(machine.hash());
        expect(query(copy, all)).toEqual(query(machine, all));
        for (const each of [machine, copy]) run(each, put("a", "later"));
        expect(copy.hash()).toBe(machine.hash());
      }),
    );
  });

  it("shows the state as of the call, though writes go on before and while it is read", async () => {
    const machine = new KvStateMachine();
    for (let at = 0; at < 5_000; at++) run(machine, put(`key/${at}`, "x".repeat(100)));
    const before = machine.hash();
    const chunks = machine.snapshot();
    let writes = 0;
    const write = (): void => {
      for (let at = 0; at < 500; at++, writes++) {
        run(machine, put(`key/${(writes * 7) % 6_000}`, `new ${writes}`));
        run(machine, { kind: "delete", key: `key/${(writes * 11) % 5_000}` });
      }
    };
    write();
    async function* whileWriting(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        yield chunk;
        write();
      }
    }
    const copy = new KvStateMachine();
    await copy.restore(whileWriting());
    expect(writes).toBeGreaterThan(1_500);
    expect(copy.hash()).toBe(before);
    expect(copy.size).toBe(5_000);
    // And the writes were not hindered by the view: a fresh copy agrees with the machine.
    await copy.restore(machine.snapshot());
    expect(copy.hash()).toBe(machine.hash());
    expect(query(copy, all)).toEqual(query(machine, all));
  });

  it("corrupt: any cut or flipped byte is refused and the old state kept", async () => {
    const machine = new KvStateMachine();
    for (let at = 0; at < 10; at++) run(machine, put(`key/${at}`));
    const snapshot = await collect(machine.snapshot());
    const copy = new KvStateMachine();
    run(copy, put("old"));
    const before = copy.hash();
    for (let at = 0; at < snapshot.length; at++) {
      const flipped = Buffer.from(snapshot);
      flipped[at]! ^= 1;
      for (const damaged of [flipped, snapshot.subarray(0, at)]) {
        await expect(copy.restore(cut(damaged, 64))).rejects.toMatchObject({ code: "corrupt" });
      }
    }
    const twice = Buffer.concat([snapshot, snapshot]);
    await expect(copy.restore(cut(twice, 64))).rejects.toMatchObject({ code: "corrupt" });
    expect(copy.hash()).toBe(before);
  });

  it("keeps the old state when the chunks end with an error", async () => {
    const machine = new KvStateMachine();
    run(machine, put("old"));
    const before = machine.hash();
    await expect(machine.restore(broken())).rejects.toThrow("the connection broke");
    expect(machine.hash()).toBe(before);
  });
});
