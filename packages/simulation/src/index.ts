/**
 * A seeded world for tests of distributed systems: virtual clocks, a network and disks with faults.
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
export { FaultAtlas } from "./disk/fault-atlas.ts";
export { Trace, type TraceEvent } from "./trace/trace.ts";
export { SimulationError, type SimulationErrorCode } from "./simulation-error.ts";
