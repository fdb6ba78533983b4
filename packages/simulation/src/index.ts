/**
 * A seeded world for tests of distributed systems: virtual clocks, a network and disks with faults,
 * nodes that crash, swarms of faults. `@quorate/simulation/checker` has histories and their checker.
 *
 * @example
 * ```ts
 * import { createSimulation } from "@quorate/simulation";
 *
 * const world = createSimulation({ seed: 1, network: { lossProbability: 0.2 } });
 * const node = world.node("alice", async ({ clock }) => {
 *   clock.setTimer(3_600_000, () => console.log("an hour later"));
 * });
 * await node.start();
 * await world.run(3_600_000); // at once
 * console.log(world.trace.hash); // the same in every run
 * ```
 *
 * @packageDocumentation
 */
export { createSimulation } from "./create-simulation.ts";
export type { Simulation } from "./world/simulation.ts";
export type { ClockOptions, SimulationOptions } from "./world/simulation-options.ts";
export type {
  NodeEnvironment,
  NodeProgram,
  NodeState,
  SimulatedNode,
} from "./world/simulated-node.ts";
export type { LatencyOptions, NetworkOptions } from "./network/network-options.ts";
export {
  SimulatedNetwork,
  type SimulatedNetworkDependencies,
} from "./network/simulated-network.ts";
export type { DiskOptions } from "./disk/disk-options.ts";
export type { SimulatedDisk } from "./disk/simulated-disk.ts";
export { isOfTheDisk } from "./disk/is-of-the-disk.ts";
export { FaultAtlas } from "./disk/fault-atlas.ts";
export { Trace, type TraceEvent } from "./trace/trace.ts";
export { SimulationError, type SimulationErrorCode } from "./simulation-error.ts";
export {
  drawPartition,
  PARTITION_SHAPES,
  type PartitionShape,
  type Way,
} from "./network/partition.ts";
export {
  describeFault,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type PlannedFault,
} from "./swarm/fault.ts";
export { drawSwarm, type Swarm, type SwarmBounds } from "./swarm/draw-swarm.ts";
export { Nemesis, type NemesisOptions } from "./swarm/nemesis.ts";
export { shrink } from "./swarm/shrink.ts";
export { sequenceDiagram } from "./report/sequence-diagram.ts";
export type {
  SimulationMode,
  SimulationTarget,
  TargetFailure,
  TargetOptions,
  TargetResult,
} from "./target/simulation-target.ts";
export { swarmTarget, type SwarmDefinition, type SwarmRun } from "./target/swarm-target.ts";
export type { SwarmContext } from "./target/swarm-context.ts";
export { type FailureReport, reportFailure } from "./target/failure-report.ts";
