import type { LogStorage } from "@quorate/replication/driver";
import type { Persisted, Write } from "../core/persisted.ts";
import type { RecoveredState } from "../core/server.ts";

/** Where a node keeps its log, term, vote and snapshots; the proof is `write.persisted()`. */
export type RaftStorage = LogStorage<RecoveredState, Write, Persisted>;
