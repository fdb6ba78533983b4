import type { Algorithm } from "@quorate/replication/driver";
import type { Message } from "../core/message.ts";
import { RaftCore } from "../core/raft-core.ts";
import type { RecoveredState } from "../core/server.ts";
import type { ValidatedRaftOptions } from "../options.ts";
import { explain } from "./explain.ts";
import { createMessageCodec } from "./message-codec.ts";
import type { RaftStatus } from "./raft-node.ts";
import { statusOf, stoppedStatus } from "./status.ts";

/** Raft, as the driver of replicated logs sees it. */
export function raftAlgorithm(
  nodeId: string,
  options: ValidatedRaftOptions,
): Algorithm<RecoveredState, RaftCore, Message, RaftStatus> {
  return {
    name: "raft",
    codec: createMessageCodec(),
    createCore: (recovered, random) => new RaftCore({ ...options, id: nodeId }, recovered, random),
    status: statusOf,
    stoppedStatus: () => stoppedStatus(nodeId, options.voters),
    explain: ({ diskPendingMs }, { status, isRestoring }) =>
      explain(status, diskPendingMs, isRestoring),
  };
}
