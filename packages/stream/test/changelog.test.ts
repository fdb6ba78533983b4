import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Change, changesOf, layersOf } from "../src/core/state/changelog.ts";
import { joinChunks, rowsOfGroup } from "../src/core/state/group-chunks.ts";
import type { OwnState } from "../src/core/state/keyed-layers.ts";
import type { EncodedRow } from "../src/core/state/layer-encoding.ts";
import type { CheckpointLayer, OperatorLayer } from "../src/core/state/layer.ts";
import { v8Codec } from "../src/v8-codec.ts";

const key = fc.oneof(fc.constantFrom("a", "b/c", "1"), fc.constantFrom(1, 2.5), fc.boolean());
const row = fc.record({ key, value: fc.option(fc.nat(9), { nil: undefined }) });
const operator = fc.record({
  id: fc.constantFrom("sum", "by second / late"),
  names: fc.constantFrom(["sum"], ["count", "sum"]),
  rows: fc.array(row, { maxLength: 4 }),
  watermarkMs: fc.nat(100),
});
const checkpoints = fc.array(fc.array(operator, { maxLength: 2 }), { maxLength: 8 });

type Step = ReturnType<typeof checkpoints.generate>["value"][number];

function layerOf(id: number, step: Step): CheckpointLayer {
  const operators = new Map<string, OperatorLayer>();
  for (const { id: name, names, rows, watermarkMs } of step) {
    const encoded = rows.map(({ key: of, value }): EncodedRow => {
      if (value === undefined) return { key: of };
      return {
        key: of,
        slots: names.map((state) => (state === "sum" ? value : undefined)),
        timers: [],
      };
    });
    const own: OwnState = { names, watermarkMs };
    const groups = new Map(
      encoded.length === 0 ? [] : [[7, joinChunks([v8Codec.encode(encoded)])] as const],
    );
    operators.set(name, { groups, own: [v8Codec.encode(own)] });
  }
  return { id, operators };
}

/** What an operator finds: the last version of each row, its states by name, and the watermark. */
function stateOf(layers: readonly CheckpointLayer[], id: string): unknown {
  const rows = new Map<unknown, unknown>();
  let watermarkMs: number | undefined;
  for (const { operators } of layers) {
    const layer = operators.get(id);
    if (!layer) continue;
    const { names, watermarkMs: atMs } = v8Codec.decode(layer.own[0]!) as OwnState;
    watermarkMs = atMs;
    for (const bytes of layer.groups.values()) {
      for (const { key: of, slots } of rowsOfGroup(bytes, v8Codec)) {
        if (slots) rows.set(of, slots[names.indexOf("sum")]);
        else rows.delete(of);
      }
    }
  }
  return {
    rows: new Map([...rows].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))),
    watermarkMs,
  };
}

describe("a changelog", () => {
  it("ends with the state of all layers, however much of it was compacted", () => {
    fc.assert(
      fc.property(checkpoints, fc.nat(), (steps, compactedTo) => {
        const layers = steps.map((step, at) => layerOf(at + 1, step));
        const log = layers.flatMap((layer) => changesOf(layer, v8Codec));
        const restored = layersOf(compacted(log, compactedTo % (log.length + 1)), v8Codec);
        for (const id of ["sum", "by second / late"]) {
          expect(stateOf(restored, id)).toEqual(stateOf(layers, id));
        }
      }),
    );
  });

  it("holds no row of a key that was dropped once it is compacted", () => {
    const put = layerOf(1, [
      { id: "sum", names: ["sum"], rows: [{ key: "a", value: 1 }], watermarkMs: 0 },
    ]);
    const drop = layerOf(2, [
      { id: "sum", names: ["sum"], rows: [{ key: "a", value: undefined }], watermarkMs: 0 },
    ]);
    const log = [put, drop].flatMap((layer) => changesOf(layer, v8Codec));
    expect(compacted(log, log.length).map((change) => change.key)).toEqual(["sum/own"]);
  });
});

/** As a broker does: of the part before `end`, the last change of each key, tombstones left out. */
function compacted(log: readonly Change[], end: number): readonly Change[] {
  const head = log.slice(0, end);
  const last = new Map(head.map((change, at) => [change.key, at]));
  const kept = head.filter(({ key: of, value }, at) => last.get(of) === at && value !== null);
  return [...kept, ...log.slice(end)];
}
