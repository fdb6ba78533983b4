import { describe, expect, it } from "vitest";
import { createSimulation, type Fault, Nemesis } from "../src/index.ts";

const NODES = ["a", "b", "c"];

describe("leader-cut-off", () => {
  it.each([
    ["both", ["a→b", "a→c", "b→a", "c→a"]],
    ["from-leader", ["a→b", "a→c"]],
    ["to-leader", ["b→a", "c→a"]],
  ] as const)(
    "%s: blocks whoever leads when it comes, for its time",
    async (direction, blocked) => {
      await using world = createSimulation({ seed: 1 });
      for (const name of NODES) world.node(name, () => {});
      let leader: string | undefined = "b";
      const nemesis = new Nemesis(world, {
        disk: {},
        mayRot: () => false,
        onStartFailed: () => "leave",
        leader: () => leader,
      });
      const fault: Fault = { kind: "leader-cut-off", among: NODES, direction, forMs: 500 };
      nemesis.start([
        { number: 0, atMs: 100, fault },
        { number: 1, atMs: 1_000, fault },
      ]);
      leader = "a";
      await world.run(200);
      leader = undefined;
      expect(waysThatAreNotClear(world)).toEqual(blocked);
      await world.run(500);
      expect(waysThatAreNotClear(world)).toEqual([]);
      await world.run(500);
      expect(waysThatAreNotClear(world)).toEqual([]); // nobody led when the second one came
    },
  );
});

function waysThatAreNotClear({ network }: ReturnType<typeof createSimulation>): string[] {
  const ways = NODES.flatMap((from) => NODES.map((to) => [from, to] as const));
  return ways.filter(([from, to]) => !network.isClear(from, to)).map((way) => way.join("→"));
}
