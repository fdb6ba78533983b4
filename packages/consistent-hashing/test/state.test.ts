import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRing, fromJSON, type LocatorState } from "../src/index.ts";
import { ALGORITHMS, ALL, keys, names } from "./all-algorithms.ts";
import golden from "./golden/golden.json" with { type: "json" };
import { answers, digest, goldenSets } from "./golden/sets.ts";

interface Golden {
  readonly state: LocatorState;
  readonly answers: readonly string[];
  readonly digest: number;
}

const GOLDEN = golden as unknown as Readonly<Record<string, Golden>>;

describe("the golden file, which is for ever", () => {
  it.each(Object.entries(goldenSets()))("%s: state and answers", (name, locator) => {
    const expected = GOLDEN[name] as Golden;
    expect(JSON.parse(JSON.stringify(locator))).toEqual(expected.state);
    expect(answers(locator)).toEqual(expected.answers);
    expect(digest(locator)).toBe(expected.digest);
  });

  it.each(Object.entries(GOLDEN))("%s: restored from the file", (_name, one) => {
    const locator = fromJSON(one.state);
    expect(answers(locator)).toEqual(one.answers);
    expect(digest(locator)).toBe(one.digest);
    expect(JSON.parse(JSON.stringify(locator))).toEqual(one.state);
  });
});

describe("two processes", () => {
  it("another one, whose nodes join in another order, places every key alike", async () => {
    const nodes = names(30);
    const script = fileURLToPath(new URL("golden/other-process.ts", import.meta.url));
    const flags = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register", script];
    const ran = await promisify(execFile)(process.execPath, [...flags, ...nodes.toReversed()], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      timeout: 20_000,
    });
    expect(Number(ran.stdout)).toBe(digest(createRing({ nodes })));
  });
});

describe.each(Object.entries(ALL))("%s, toJSON and fromJSON", (name, create) => {
  const sample = keys(200);

  it("a restored set has the same answers, now and after the same further changes", () => {
    const changes = fc.array(fc.record({ join: fc.boolean(), pick: fc.nat() }), { maxLength: 12 });
    fc.assert(
      fc.property(changes, changes, (past, future) => {
        const locator = create(
          names(6).map((one, index) => ({ name: one, weight: 1 + (index % 2) })),
        );
        change(locator, past, name === "jump");
        const restored = fromJSON(JSON.parse(JSON.stringify(locator)) as LocatorState);
        expect(restored.toJSON()).toEqual(locator.toJSON());
        change(locator, future, name === "jump");
        change(restored, future, name === "jump");
        expect(sample.map((key) => restored.locate(key))).toEqual(
          sample.map((key) => locator.locate(key)),
        );
        expect(restored.toJSON()).toEqual(locator.toJSON());
      }),
      { numRuns: 20 },
    );
  });
});

type Steps = readonly { readonly join: boolean; readonly pick: number }[];

function change(locator: ReturnType<typeof createRing>, steps: Steps, lastOnly: boolean): void {
  for (const { join, pick } of steps) {
    if (join) {
      const joined = locator.nodes().filter(({ name }) => name.startsWith("new-"));
      const name = `new-${1 + Math.max(0, ...joined.map((one) => Number(one.name.slice(4))))}`;
      locator.add({ name, weight: 1 + (pick % 3) });
      continue;
    }
    const { nodes, buckets = [] } = locator.toJSON();
    if (nodes.length < 2) continue;
    if (!lastOnly) {
      locator.remove(nodes[pick % nodes.length]?.name as string);
    } else {
      const last = buckets.at(-1) as string;
      if (buckets.indexOf(last) === buckets.lastIndexOf(last)) locator.remove(last);
    }
  }
}

describe("fromJSON, bad states", () => {
  const state = createRing({ nodes: names(3) }).toJSON();
  const memento = (ALGORITHMS["memento"] as (nodes: string[]) => ReturnType<typeof createRing>)(
    names(4),
  );
  memento.remove("node-1");
  const saved = memento.toJSON();

  it.each<[string, unknown]>([
    ["null", null],
    ["another format", { ...state, format: "x" }],
    ["a later version", { ...state, version: 2 }],
    ["an unknown algorithm", { ...state, algorithm: "x" }],
    ["an unknown hash", { ...state, hash: "x" }],
    ["no options", { ...state, options: undefined }],
    ["an option out of range", { ...state, options: { pointsPerWeight: -1 } }],
    ["no nodes", { ...state, nodes: undefined }],
    [
      "a node twice",
      {
        ...state,
        nodes: [
          { name: "a", weight: 1 },
          { name: "a", weight: 1 },
        ],
      },
    ],
    ["a weight of 0", { ...state, nodes: [{ name: "a", weight: 0 }] }],
    ["a seed of NaN", { ...state, seed: NaN }],
    ["buckets of no node", { ...saved, buckets: ["x", null, "node-2", "node-3"] }],
    ["too few buckets", { ...saved, buckets: ["node-0", null, "node-2"] }],
    ["no buckets", { ...saved, buckets: undefined }],
    ["a removed bucket that has a node", { ...saved, removed: [0] }],
    ["a removed bucket twice", { ...saved, removed: [1, 1] }],
    ["buckets that are no array", { ...saved, buckets: 3 }],
  ])("%s: invalid-state", (_what, bad) => {
    expect(() => fromJSON(bad as LocatorState)).toThrow(
      expect.objectContaining({ name: "ConsistentHashingError", code: "invalid-state" }),
    );
  });
});
