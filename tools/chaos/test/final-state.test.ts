import { type KeyValue, type KvClient, utf8 } from "@quorate/kv";
import { History, type KeyValueInput, type KeyValueOutput } from "@quorate/simulation/checker";
import { describe, expect, it } from "vitest";
import { readFinalState } from "../src/final-state.ts";

/** A store whose pages have two keys, whatever is asked for. */
function storeOf(pairs: Readonly<Record<string, { value: string; version: number }>>): {
  range: KvClient["range"];
} {
  const kvs = Object.entries(pairs).map(([key, { value, version }]): KeyValue => ({
    key: Buffer.from(key),
    value: Buffer.from(value),
    createRevision: 1,
    lease: 0,
    modRevision: 1,
    version,
  }));
  return {
    range: async ({ key: from }) => {
      const first = typeof from === "string" ? from : utf8(from);
      const rest = kvs.filter(({ key }) => utf8(key) >= first);
      return {
        kind: "range",
        revision: 1,
        kvs: rest.slice(0, 2),
        more: rest.length > 2,
        count: rest.length,
      };
    },
  };
}

describe("readFinalState", () => {
  it("finds what was written once on all pages, each as often as it was written", async () => {
    const pairs = Object.fromEntries(
      ["once/a", "once/b", "once/c", "once/d", "once/e", "other"].map((key) => [
        key,
        { value: "x", version: key === "once/d" ? 2 : 1 },
      ]),
    );
    const found = await readFinalState(storeOf(pairs), new History());
    expect(found).toEqual(["once/a", "once/b", "once/c", "once/d", "once/d", "once/e"]);
  });

  it("adds a read of each shared key to the history: also of one that is not there", async () => {
    const history = new History<KeyValueInput, KeyValueOutput>();
    history.complete(history.invoke("c1", { op: "put", key: "k1", value: "1" }));
    history.complete(history.invoke("c1", { op: "put", key: "k2", value: "2" }));
    history.complete(history.invoke("c1", { op: "put", key: "once/1", value: "3" }));
    await readFinalState(storeOf({ k2: { value: "9", version: 4 } }), history);
    const reads = history.operations.filter(({ input }) => input.op === "get");
    expect(reads.map(({ input, output }) => [input.key, output])).toEqual([
      ["k1", null],
      ["k2", "9"],
    ]);
  });
});
