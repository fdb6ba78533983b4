import { systemClock, systemFileSystem, systemRandom } from "@quorate/runtime";
import { DrivenRegisterNode } from "./driver/driven-register-node.ts";
import type { RegisterDependencies, RegisterNode } from "./register-node.ts";
import { type RegisterOptions, validatedRegister } from "./register-options.ts";
import { LogRegisterStorage } from "./storage/log-register-storage.ts";

/**
 * Makes a node; `start` lets it take part.
 *
 * @throws {PaxosError} `invalid-option`.
 */
export function createRegisterNode(
  options: RegisterOptions,
  dependencies: RegisterDependencies,
): RegisterNode {
  const { transport, clock = systemClock, random = systemRandom } = dependencies;
  const { nodeId } = transport;
  const all = validatedRegister(options, transport);
  const { directory, bootstrap, members } = all;
  const storage =
    dependencies.storage ??
    new LogRegisterStorage({ directory, nodeId, bootstrap, members }, systemFileSystem, random);
  return new DrivenRegisterNode(all, { transport, storage, clock, random });
}
