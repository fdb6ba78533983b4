import { ReplicationError } from "@quorate/replication";
import type { HardState } from "../core/persisted.ts";

/** What the hard-state log's last record says: whose data this is, its term, and its vote. */
export interface HardStateRecord extends HardState {
  readonly nodeId: string;
  readonly voters: readonly string[];
}

/** JSON: it is written once an election, and a person may want to read it. */
export function encodeHardState(record: HardStateRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: 1, ...record }));
}

/** @throws {ReplicationError} `damaged`. */
export function decodeHardState(bytes: Uint8Array): HardStateRecord {
  try {
    const { version, ...record } = JSON.parse(
      new TextDecoder().decode(bytes),
    ) as HardStateRecord & {
      readonly version: unknown;
    };
    if (version === 1) return { ...record, votedFor: record.votedFor };
  } catch (cause) {
    throw new ReplicationError("damaged", "the hard state is not JSON", { cause });
  }
  throw new ReplicationError("damaged", "the hard state is of another version of this program");
}
