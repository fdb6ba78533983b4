import type { Algorithm } from "@quorate/replication/driver";
import { LogCore } from "../core/log-core.ts";
import type { Message } from "../core/message.ts";
import type { RecoveredNode } from "../storage/paxos-log-storage.ts";
import { explain } from "./explain.ts";
import { createMessageCodec } from "./message-codec.ts";
import type { ValidatedPaxosLogOptions } from "./options.ts";
import type { PaxosLogStatus } from "./paxos-log-node.ts";
import { statusOf, stoppedStatus } from "./status.ts";

/** Multi-Paxos, as the driver of replicated logs sees it. */
export function paxosLogAlgorithm(
  nodeId: string,
  options: ValidatedPaxosLogOptions,
): Algorithm<RecoveredNode, LogCore, Message, PaxosLogStatus> {
  return {
    name: "paxos-log",
    codec: createMessageCodec(),
    createCore: (recovered, random) =>
      new LogCore({ ...options, id: nodeId }, recovered.identity, recovered, random),
    status: statusOf,
    stoppedStatus: () => stoppedStatus(nodeId, options.voters),
    explain: ({ diskPendingMs }, { status, isRestoring }) =>
      explain(status, diskPendingMs, isRestoring),
  };
}
