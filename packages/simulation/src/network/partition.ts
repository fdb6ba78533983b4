import { integerBetween, type Random, shuffled } from "@quorate/runtime";

/**
 * Who is cut off from whom, after Jepsen's nemeses.
 *
 * - `one-node`: one against all others.
 * - `minority`: a random minority against the rest.
 * - `bridge`: two halves that only one node can talk to both of.
 * - `majorities-ring`: each node sees a majority, and no two see the same one. Of fewer than five
 *   nodes none is cut off so; then it is `one-node`.
 */
export type PartitionShape = "one-node" | "minority" | "bridge" | "majorities-ring";

export const PARTITION_SHAPES: readonly PartitionShape[] = [
  "one-node",
  "minority",
  "bridge",
  "majorities-ring",
];

/** A way that is blocked: from one node to another. */
export type Way = readonly [from: string, to: string];

/**
 * The ways that a partition of this shape blocks. `both`: the two sides hear nothing of each other;
 * `one-way`: one side, drawn at random, still hears the other.
 */
export function drawPartition(
  random: Random,
  nodes: readonly string[],
  shape: PartitionShape,
  direction: "both" | "one-way",
): readonly Way[] {
  const order = shuffled(random, nodes);
  const isCut = cut(random, order, shape);
  const flipped = random.next() < 0.5;
  const ways: Way[] = [];
  for (const [at, from] of order.entries()) {
    for (const [other, to] of order.entries()) {
      if (at === other || !isCut(at, other)) continue;
      if (direction === "both" || at < other === flipped) ways.push([from, to]);
    }
  }
  return ways;
}

/** Whether the nodes at two places of the order are cut off from each other. */
function cut(
  random: Random,
  order: readonly string[],
  shape: PartitionShape,
): (a: number, b: number) => boolean {
  const count = order.length;
  const split = (at: number) => (a: number, b: number) => a < at !== b < at;
  switch (shape) {
    case "one-node":
      return split(1);
    case "minority":
      return split(integerBetween(random, 1, Math.max(1, Math.floor((count - 1) / 2))));
    case "bridge": {
      const middle = Math.floor(count / 2);
      return (a, b) => a !== middle && b !== middle && a < middle !== b < middle;
    }
    case "majorities-ring": {
      if (count < 5) return split(1);
      const reach = Math.floor(count / 4); // each way: with itself, a majority
      return (a, b) => Math.min((a - b + count) % count, (b - a + count) % count) > reach;
    }
    default:
      throw new Error(`no partition has the shape ${String(shape)}`);
  }
}
