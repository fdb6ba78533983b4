import { describe, expect, it } from "vitest";
import { AskedWrites } from "../src/workloads/asked-writes.ts";
import { checkWatched, type ToldWrite } from "../src/workloads/check-watched.ts";

/** `a`, then `b` beside `c`, acknowledged; `u` of unknown outcome; `r` refused. */
function asked(): AskedWrites["writes"] {
  let sequence = 0;
  const writes = new AskedWrites(() => sequence++);
  writes.settle(writes.asks("a"), true);
  const [b, c] = [writes.asks("b"), writes.asks("c")];
  writes.settle(c, true);
  writes.settle(b, true);
  writes.asks("u");
  writes.settle(writes.asks("r"), false);
  return writes.writes;
}

function told(...names: readonly string[]): ToldWrite[] {
  return names.map((name, at) => ({ name, revision: at + 1 }));
}

describe("checkWatched", () => {
  it.each([[told("a", "b", "c")], [told("a", "c", "b")], [told("a", "c", "b", "u")]])(
    "each that was acknowledged once, one of unknown outcome or not: fine (%j)",
    (events) => {
      expect(checkWatched(asked(), events)).toEqual([]);
    },
  );

  it.each([
    ["reliable: a gap", told("a", "c"), ["b was never told"]],
    ["unique: a repeat", told("a", "b", "c", "b"), ["b was told twice"]],
    [
      "ordered by revision",
      [...told("a", "b"), { name: "c", revision: 1 }],
      ["c of revision 1 was told after b of a later one"],
    ],
    ["ordered by time", told("b", "a", "c"), ["a was told after b, which was asked for later"]],
    [
      "ordered by time, also past others",
      told("u", "b", "c", "a"),
      [
        "b was told after u, which was asked for later",
        "c was told after u, which was asked for later",
        "a was told after u, which was asked for later",
      ],
    ],
    [
      "a write that was refused",
      told("a", "b", "c", "r"),
      ["r was told, and nobody was to write it"],
    ],
  ])("%s is found", (_, events, violations) => {
    expect(checkWatched(asked(), events)).toEqual(violations);
  });

  it("lists so many, and counts the rest", () => {
    const none = Array.from({ length: 25 }, (_, at) => ({ name: `${at}`, call: at, return: at }));
    const violations = checkWatched(none, []);
    expect(violations).toHaveLength(21);
    expect(violations.at(-1)).toBe("and 5 more");
  });
});
