import { describe, expect, it } from "vitest";
import { sequenceDiagram, type TraceEvent } from "../src/index.ts";

const EVENTS: readonly Omit<TraceEvent, "sequence">[] = [
  { atMs: 1, node: "a", kind: "send", detail: "b", a: 5, b: 0 },
  { atMs: 2.5, node: "b", kind: "receive", detail: "a", a: 5, b: 0 },
  { atMs: 3, node: "b", kind: "write durably", detail: "/b/log/1.wal", a: 64, b: 0 },
  { atMs: 4, node: "a", kind: "receive response", detail: "c", a: 17, b: 0 },
  { atMs: 5, node: "c", kind: "crash", detail: "", a: 0, b: 0 },
  { atMs: 6, node: "elsewhere", kind: "crash", detail: "", a: 0, b: 0 },
];

describe("a sequence diagram", () => {
  it("has a lane for each node, arrows for what arrived, and words for the rest", () => {
    const events = EVENTS.map((event, sequence) => ({ ...event, sequence }));
    expect(`\n${sequenceDiagram(events, ["a", "b", "c"])}\n`).toBe(`
         ms  a                     b                     c
      2.500  o--- message 5 B ---->
      3.000                        * write durably 1.wal @64
      4.000  <------------- response 17 B --------------o
      5.000                                              * crash
`);
    expect(sequenceDiagram(events, ["a", "b", "c"], 1).split("\n")).toHaveLength(2);
  });
});
