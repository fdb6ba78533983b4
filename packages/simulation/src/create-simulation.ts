import { Simulation } from "./world/simulation.ts";
import type { SimulationOptions } from "./world/simulation-options.ts";

/**
 * Makes a world. Nodes are added with `node`; nothing happens in it but while somebody waits for `run`,
 * `runUntil` or `settled`.
 *
 * @throws {SimulationError} `invalid-option`.
 */
export function createSimulation(options: SimulationOptions): Simulation {
  return new Simulation(options);
}
