import { systemClock, systemFileSystem, systemRandom } from "@quorate/runtime";
import { type SynodOptions, validated } from "../options.ts";
import { WalSynodStorage } from "../storage/wal-synod-storage.ts";
import { DrivenSynodNode } from "./driven-synod-node.ts";
import type { SynodDependencies, SynodNode } from "./synod-node.ts";

/**
 * Makes a node; `start` lets it take part.
 *
 * @throws {PaxosError} `invalid-option`.
 */
export function createSynodNode(options: SynodOptions, dependencies: SynodDependencies): SynodNode {
  const { transport, clock = systemClock, random = systemRandom } = dependencies;
  const { nodeId } = transport;
  const all = validated(options, transport);
  const { directory, bootstrap } = all;
  const storage =
    dependencies.storage ??
    new WalSynodStorage({ directory, nodeId, bootstrap }, systemFileSystem, random);
  return new DrivenSynodNode(all, { transport, storage, clock, random });
}
