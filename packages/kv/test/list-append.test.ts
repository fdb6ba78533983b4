import { describe, expect, it } from "vitest";
import { checkLists, type ListTransaction } from "../sim/list-append.ts";

type Lists = Record<string, string[]>;

function transaction(
  name: string,
  reads: Lists,
  appends: Record<string, string>,
  [beganAt, doneAt]: readonly [number, number | undefined],
): ListTransaction {
  return { name, reads, appends, beganAt, doneAt };
}

function check(history: readonly ListTransaction[], final: Lists): () => void {
  return () => checkLists(history, new Map(Object.entries(final)));
}

describe("list-append", () => {
  it("takes what some order explains, also with transactions of unknown outcome", () => {
    const history = [
      transaction("a", { x: [] }, { x: "1", y: "2" }, [0, 10]),
      transaction("b", { y: ["2"] }, { x: "3" }, [5, 20]),
      transaction("c", { x: [] }, { z: "4" }, [5, undefined]),
      transaction("d", { x: ["1", "3"], z: ["4"] }, {}, [30, 40]),
      transaction("e", {}, { x: "5" }, [30, undefined]),
    ];
    expect(check(history, { x: ["1", "3"], y: ["2"], z: ["4"] })).not.toThrow();
  });

  it.each([
    ["lost", [transaction("a", {}, { x: "1" }, [0, 1])], {}],
    ["twice", [transaction("a", {}, { x: "1" }, [0, 1])], { x: ["1", "1"] }],
    ["was not appended", [], { x: ["1"] }],
    ["in part", [transaction("a", {}, { x: "1", y: "2" }, [0, undefined])], { x: ["1"] }],
    [
      "in the end it is",
      [transaction("a", {}, { x: "1" }, [0, 1]), transaction("b", { x: ["2"] }, {}, [0, 1])],
      { x: ["1"] },
    ],
    [
      "come before each other", // write skew: each read what the other had not appended yet
      [
        transaction("a", { y: [] }, { x: "1" }, [0, 9]),
        transaction("b", { x: [] }, { y: "2" }, [0, 9]),
      ],
      { x: ["1"], y: ["2"] },
    ],
    [
      "come before each other", // a stale read: the append was known to be done
      [transaction("a", {}, { x: "1" }, [0, 1]), transaction("b", { x: [] }, {}, [2, 3])],
      { x: ["1"] },
    ],
  ] as const)("finds what no order explains: %s", (why, history, final) => {
    expect(check(history, final as unknown as Lists)).toThrow(why);
  });
});
