import type { Entry } from "@quorate/replication/driver";
import type { Ballot } from "../../core/ballot.ts";
import type { DecidedConfiguration } from "./configurations.ts";

/** A promise, and what else is small and changes rarely. Each replaces those before it. */
export interface StateRecord {
  readonly kind: "state";
  readonly promised: Ballot;
  /** No promise, but a help: the slots up to here are known to be decided. */
  readonly decided: number;
  readonly configurations: readonly DecidedConfiguration[];
}

/** Slots that were accepted in one ballot, in place of what was accepted in them before. */
export interface AcceptedRecord {
  readonly kind: "accepted";
  readonly ballot: Ballot;
  readonly first: number;
  readonly entries: readonly Entry[];
  /** As in `StateRecord`. */
  readonly decided: number;
}

/** What a log's core wants on disk. */
export type LogRecord = StateRecord | AcceptedRecord;
