import type { Random } from "@quorate/runtime";
import type { ChaosCluster } from "../chaos-cluster.ts";
import type { NodeProcess } from "../node-process.ts";

/** What a fault may touch. */
export interface FaultContext {
  readonly cluster: ChaosCluster;
  readonly random: Random;
  /** Aborts when the run ends: then nothing need be waited for. */
  readonly signal: AbortSignal;
}

/** Ends the fault; afterwards every node runs, or starts. */
export type Heal = () => Promise<void>;

/** A kind of fault. */
export interface Fault {
  /** Why this machine cannot do it, in a few words; undefined: it can. */
  unavailable(): Promise<string | undefined>;
  /** Before a node starts for the first time: what it must run with so that the fault can be. */
  prepare?(node: NodeProcess): Promise<void>;
  /** Begins the fault; it lasts until it is healed. */
  inject(context: FaultContext): Promise<Heal>;
  /** After the node has ended for good. Done at once: this process may be about to exit. */
  release?(node: NodeProcess): void;
}

const LEADER_PREFERENCE = 2 / 3;

/** The leader, two times out of three, as its loss hurts most; else any node. */
export async function drawVictim({ cluster, random }: FaultContext): Promise<NodeProcess> {
  // Drawn always, so that the seed gives the same draws whoever leads.
  const leaderPreferred = random.next() < LEADER_PREFERENCE;
  const any = cluster.nodes[Math.floor(random.next() * cluster.nodes.length)]!;
  return (leaderPreferred && (await cluster.leader())) || any;
}
