import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyedLayer, restoreKeyed } from "../../src/core/state/keyed-layers.ts";
import { KeyedRows } from "../../src/core/state/keyed-rows.ts";
import type { CheckpointLayer, OperatorLayer } from "../../src/core/state/layer.ts";
import { mergeLayers } from "../../src/core/state/merge-keyed.ts";
import { KeyTimers } from "../../src/core/time/key-timers.ts";
import { fileCheckpoints, memoryCheckpoints, savepointFolder } from "../../src/index.ts";
import { v8Codec } from "../../src/v8-codec.ts";

const KEY_GROUPS = 4;

/** Keyed state of two slots. */
class State {
  rows: KeyedRows<string> = new KeyedRows();
  constructor() {
    this.rows.declare("one");
    this.rows.declare("two");
  }
  static of(layers: readonly CheckpointLayer[]): State {
    const state = new State();
    const of = layers.map(({ operators }) => operators.get("op") as OperatorLayer);
    restoreKeyed(state.rows, new KeyTimers(state.rows), of, v8Codec);
    return state;
  }
  put(key: string, slot: number, value: number | undefined): void {
    this.rows.select(key);
    this.rows.put(slot, value);
  }
  layer(id: number): CheckpointLayer {
    const layer = keyedLayer(this.rows, id, KEY_GROUPS, v8Codec);
    return { id, operators: new Map([["op", layer]]) };
  }
  get contents(): readonly string[] {
    return [...this.rows].map(({ key, slots }) => JSON.stringify([key, slots])).toSorted();
  }
}

interface Put {
  readonly key: string;
  readonly slot: number;
  readonly value: number | undefined;
}
const put: fc.Arbitrary<Put> = fc.record({
  key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  slot: fc.nat(1),
  value: fc.option(fc.nat(9), { nil: undefined }),
});
/** What happens between two starts of the process. */
const life = fc.record({
  checkpoints: fc.array(
    fc.record({ puts: fc.array(put, { maxLength: 5 }), isCommitted: fc.boolean() }),
    { maxLength: 12 },
  ),
  powerLossAt: fc.integer({ min: 1, max: 400 }),
});

describe("file checkpoints", () => {
  it("whatever operation the power fails at: the newest that was kept, or one tried after it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 2, max: 6 }),
        async (lives, seed, maxLayers) => {
          const disk = new MemoryFileSystem();
          const random = seededRandom(seed);
          const states = new Map<number, readonly string[]>();
          let [kept, committed] = [0, 0];
          for (const { checkpoints, powerLossAt } of lives) {
            let operations = 0;
            disk.onOperation = ({ path }) => {
              if (++operations >= powerLossAt) throw new FileSystemError("io-error", path, "off");
            };
            const store = fileCheckpoints({ dir: "/ck", fileSystem: disk, maxLayers });
            let id = 0;
            try {
              const latest = await store.latest();
              id = latest?.id ?? 0;
              expect(id).toBeGreaterThanOrEqual(Math.max(kept, committed));
              const state = State.of(latest?.layers ?? []);
              expect(state.contents).toEqual(states.get(id) ?? []);
              expect(latest?.layers.length ?? 0).toBeLessThan(maxLayers);
              let base = latest?.id;
              for (const { puts, isCommitted } of checkpoints) {
                for (const { key, slot, value } of puts) state.put(key, slot, value);
                id++;
                states.set(id, state.contents);
                const transactions = new Map([["sink", [id]]]);
                await store.save({ id, base, layers: [state.layer(id)], transactions });
                base = kept = id;
                if (!isCommitted) continue;
                await store.committing(id);
                committed = id;
              }
            } catch (error) {
              if (!(error instanceof FileSystemError)) throw error;
            }
            disk.onOperation = () => {};
            disk.crash(random);
          }
          const store = fileCheckpoints({ dir: "/ck", fileSystem: disk, maxLayers });
          const latest = await store.latest();
          expect(latest?.id ?? 0).toBeGreaterThanOrEqual(kept);
          expect(State.of(latest?.layers ?? []).contents).toEqual(
            states.get(latest?.id ?? 0) ?? [],
          );
          const names = await disk.list("/ck");
          expect(names.filter((name) => name.startsWith("checkpoint-")).length).toBeLessThanOrEqual(
            3,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("a rotted one is passed over if nothing was committed against it, else refused by name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), fc.nat(), async (isCommitted, file, at) => {
        const disk = new MemoryFileSystem();
        const store = fileCheckpoints({ dir: "/ck", fileSystem: disk });
        const state = new State();
        let base: number | undefined;
        for (let id = 1; id <= 3; id++) {
          state.put("a", 0, id);
          const transactions = new Map([["sink", [id]]]);
          await store.save({ id, base, layers: [state.layer(id)], transactions });
          base = id;
        }
        if (isCommitted) await store.committing(3);
        const newest = ["checkpoint-000000000003", "layer-000000000003-0"];
        const path = `/ck/${newest[file % 2]}`;
        const { size } = disk.file(path);
        const byte = new Uint8Array(1);
        disk.file(path).read(byte, at % size);
        disk.file(path).write(Uint8Array.of((byte[0] as number) ^ 0x40), at % size);
        const again = fileCheckpoints({ dir: "/ck", fileSystem: disk });
        if (isCommitted) {
          await expect(again.latest()).rejects.toMatchObject({ code: "damaged-checkpoint" });
          await expect(again.latest()).rejects.toThrow(newest[file % 2]);
        } else {
          const latest = await again.latest();
          expect(latest?.id).toBe(2);
          expect(State.of(latest?.layers ?? []).contents).toEqual(['["a",[2,null]]']);
        }
      }),
    );
  });

  it("merged: neighbouring layers say what they said, with what is before and after them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(put, { maxLength: 6 }), { minLength: 2, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        (steps, one, other) => {
          const state = new State();
          const layers = steps.map((puts, id) => {
            for (const { key, slot, value } of puts) state.put(key, slot, value);
            return state.layer(id);
          });
          const [from, to] = [one % steps.length, other % steps.length].toSorted((a, b) => a - b);
          const merging = mergeLayers(layers.slice(from, to! + 1), from === 0, v8Codec);
          let next = merging.next();
          while (!next.done) next = merging.next();
          const merged = [...layers.slice(0, from), next.value, ...layers.slice(to! + 1)];
          expect(State.of(merged).contents).toEqual(state.contents);
        },
      ),
    );
  });

  it("in memory are merged as well: a run that goes on for ever keeps what there is", async () => {
    const store = memoryCheckpoints();
    const state = new State();
    let base: number | undefined;
    for (let id = 1; id <= 100; id++) {
      state.put(`${id % 7}`, 0, id);
      state.put(`${(id + 3) % 7}`, 0, undefined);
      await store.save({ id, base, layers: [state.layer(id)], transactions: new Map() });
      base = id;
      const { layers = [] } = (await store.latest()) ?? {};
      expect(layers.length).toBeLessThanOrEqual(12);
      expect(State.of(layers).contents).toEqual(state.contents);
    }
  });

  it("share layers: a checkpoint writes what changed, not what there is", async () => {
    const disk = new MemoryFileSystem();
    const store = fileCheckpoints({ dir: "/ck", fileSystem: disk });
    const state = new State();
    for (let key = 0; key < 1_000; key++) state.put(`${key}`, 0, key);
    const transactions = new Map();
    const first = await store.save({
      id: 1,
      base: undefined,
      layers: [state.layer(1)],
      transactions,
    });
    state.put("7", 0, 8);
    const second = await store.save({ id: 2, base: 1, layers: [state.layer(2)], transactions });
    expect(second.bytes).toBeLessThan(first.bytes / 10);
    expect((await store.latest())?.layers).toHaveLength(2);
  });
});

describe("savepoints", () => {
  it("hold all state by themselves, and refuse to be read when they are damaged or missing", async () => {
    const disk = new MemoryFileSystem();
    const state = new State();
    const layers = [1, 2, 3].map((id) => {
      state.put("a", 0, id);
      state.put(`key ${id}`, 1, id);
      if (id === 3) state.put("key 1", 1, undefined);
      return state.layer(id);
    });
    const folder = savepointFolder("/save", { fileSystem: disk });
    await expect(folder.read()).rejects.toThrow("the savepoint /save/savepoint is not there");
    await folder.write(layers);
    disk.crash();
    const read = await savepointFolder("/save", { fileSystem: disk }).read();
    expect(read).toHaveLength(1);
    expect(State.of(read).contents).toEqual(state.contents);
    disk.file("/save/savepoint").write(Uint8Array.of(0), 40);
    await expect(folder.read()).rejects.toThrow("the savepoint /save/savepoint is damaged");
  });
});
