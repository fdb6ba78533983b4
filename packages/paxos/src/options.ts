import {
  MAX_NODES_CHECKED,
  type QuorumSystem,
  requireIntersection,
} from "./core/quorum/quorum-system.ts";
import { PaxosError } from "./paxos-error.ts";

/** How a node of the Synod behaves. The same on all nodes, but for `directory` and `bootstrap`. */
export interface SynodOptions {
  /** Who accepts, and who of them must. A node that is none of them proposes and learns only. */
  readonly quorums: QuorumSystem;
  /** Where this node keeps its data; made when it does not exist. One node a directory. */
  readonly directory: string;
  /**
   * True when this node starts for the first time ever. Then its empty directory says that it has never
   * promised anything. Otherwise an empty directory says that its data was lost: it proposes and learns,
   * but votes never again, since it could break promises it no longer knows of. Without effect on a
   * directory that has data.
   *
   * @default false
   */
  readonly bootstrap?: boolean;
  /**
   * The name of what is decided, of 1 to 64 letters, digits, dots, underscores and hyphens, when several
   * nodes share a transport.
   *
   * @default "synod"
   */
  readonly name?: string;
  /** Milliseconds after which a message without an answer is sent again; from 1. @default 100 */
  readonly retransmitMs?: number;
  /** Milliseconds: the most that is waited after the first refusal; from 1. @default 50 */
  readonly minBackoffMs?: number;
  /** Milliseconds: the most after many; far above two round trips and writes. @default 3_000 */
  readonly maxBackoffMs?: number;
  /** At least 1 KiB below the transport's `maxMessageBytes`; at most 60 MiB. @default 1 MiB */
  readonly maxValueBytes?: number;
  /** Callers that may wait for the value; more are `overloaded`. @default 10_000 */
  readonly maxWaiting?: number;
}

export type ValidatedSynodOptions = Required<SynodOptions>;

/** Part of a protocol's name, so without a slash, and short enough for any transport. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** What a message has besides its value, at most: three ballots, with names of 255 bytes. */
const MESSAGE_OVERHEAD_BYTES = 1_024;
/** Below the write-ahead log's largest record, 64 MiB. */
const LARGEST_VALUE_BYTES = 60 * 1024 * 1024;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(
  options: SynodOptions,
  transport: { readonly maxMessageBytes: number },
): ValidatedSynodOptions {
  const all = {
    bootstrap: false,
    name: "synod",
    retransmitMs: 100,
    minBackoffMs: 50,
    maxBackoffMs: 3_000,
    maxValueBytes: 1024 * 1024,
    maxWaiting: 10_000,
    ...options,
  };
  for (const [name, value] of Object.entries(all)) {
    if (typeof value !== "number") continue;
    const isWhole = Number.isSafeInteger(value) && value >= 1;
    requireThat(isWhole, `${name} must be a whole number from 1, not ${value}`);
  }
  requireThat(all.directory !== "", "directory must not be empty");
  requireThat(NAME.test(all.name), `name must be 1 to 64 letters or digits, not ${all.name}`);
  requireThat(
    all.minBackoffMs <= all.maxBackoffMs,
    `minBackoffMs (${all.minBackoffMs}) must be at most maxBackoffMs (${all.maxBackoffMs})`,
  );
  const most = Math.min(transport.maxMessageBytes - MESSAGE_OVERHEAD_BYTES, LARGEST_VALUE_BYTES);
  requireThat(
    all.maxValueBytes <= most,
    `maxValueBytes must be at most ${most}, with this transport, not ${all.maxValueBytes}`,
  );
  if (all.quorums.nodes.length <= MAX_NODES_CHECKED) requireIntersection(all.quorums);
  return all;
}

function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new PaxosError("invalid-option", message);
}
