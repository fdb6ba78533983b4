import type { LogStorage } from "@quorate/replication/driver";
import type { Identity } from "../../core/identity.ts";
import type { Persisted, Write } from "../../core/persistence.ts";
import type { RecoveredLog } from "../core/acceptor.ts";
import type { LogRecord } from "../core/log-record.ts";

/** What a node finds when it starts: who it is in this life, and all that its acceptor had on disk. */
export interface RecoveredNode extends RecoveredLog {
  readonly identity: Identity;
}

/** Where a node keeps its identity, promises, accepted entries and snapshots. */
export type PaxosLogStorage = LogStorage<RecoveredNode, Write<LogRecord>, Persisted>;
