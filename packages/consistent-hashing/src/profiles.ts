import type { Algorithm } from "./locator.ts";

/** What is known of an algorithm before any measurement; n nodes. */
export interface Profile {
  readonly lookup: string;
  readonly memory: string;
  readonly balance: string;
  readonly disruption: string;
  readonly takeWhen: string;
}

export const PROFILES: Readonly<Record<Exclude<Algorithm, CompatibleOnly>, Profile>> = {
  ring: {
    lookup: "O(1)",
    memory: "13 bytes a point",
    balance: "deviation 1/√points",
    disruption: "minimal",
    takeWhen: "any node may leave, replicas, weights, ranges to hand over: the default",
  },
  rendezvous: {
    lookup: "O(n)",
    memory: "20 bytes a node",
    balance: "perfect",
    disruption: "minimal",
    takeWhen: "up to some dozens of nodes, exact weights, the best replicas",
  },
  jump: {
    lookup: "O(ln n)",
    memory: "none",
    balance: "perfect",
    disruption: "minimal",
    takeWhen: "numbered shards: only the last one can leave",
  },
  maglev: {
    lookup: "O(1)",
    memory: "4 bytes a place",
    balance: "within 1 %",
    disruption: "nearly minimal",
    takeWhen: "load balancing: the fastest and most even, for a few needless moves",
  },
  "multi-probe": {
    lookup: "O(probes)",
    memory: "12 bytes a node",
    balance: "peak 1 + 1/(probes - 1)",
    disruption: "minimal",
    takeWhen: "very many nodes in little memory",
  },
  anchor: {
    lookup: "O(1 + ln(capacity/n))",
    memory: "20 bytes of capacity",
    balance: "perfect",
    disruption: "minimal",
    takeWhen: "any node may leave, a capacity is known, changes come in one order",
  },
  memento: {
    lookup: "O(ln n)",
    memory: "removed nodes only",
    balance: "perfect",
    disruption: "minimal",
    takeWhen: "any node may leave, no capacity is known, changes come in one order",
  },
};

type CompatibleOnly = "ketama" | "envoy-ring" | "envoy-maglev";
