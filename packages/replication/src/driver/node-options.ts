import { ReplicationError } from "../replication-error.ts";
import type { SessionOptions } from "../session-options.ts";

/** How a node of a replicated log behaves, whatever its algorithm. The same on all of a cluster. */
export interface NodeOptions {
  /**
   * The name of the group, of 1 to 64 letters, digits, dots, underscores and hyphens, when several
   * groups share a transport: each has its own log, state machine and leader.
   *
   * @default no name: the only group on its transports that has none
   */
  readonly group?: string;
  /**
   * Milliseconds without a leader after which a node tries to take its place, to twice that, drawn at
   * random. At least 4 heartbeats, and far above a round trip and a disk write.
   *
   * @default 1_000
   */
  readonly electionTimeoutMs?: number;
  /** Milliseconds between two signs of life of a leader. @default 100 */
  readonly heartbeatMs?: number;
  /**
   * Most bytes of entries in one message, below the transport's `maxMessageBytes`.
   *
   * @default 262_144
   */
  readonly maxAppendBytes?: number;
  /** Messages with entries that a node may have unanswered. @default 256 */
  readonly maxInflightMessages?: number;
  /** Bytes of entries that a node may have unanswered; at most 128 MiB. @default 16_777_216 */
  readonly maxInflightBytes?: number;
  /**
   * Bytes of proposals that a leader holds uncommitted; more are `overloaded`. At most 128 MiB.
   *
   * @default 67_108_864
   */
  readonly maxUncommittedBytes?: number;
  /**
   * Bytes of a command; a larger one is `too-large`. At most 60 MiB, and below the transport's
   * `maxMessageBytes`.
   *
   * @default 8_388_608
   */
  readonly maxCommandBytes?: number;
  /**
   * A snapshot is taken after this many bytes of applied entries, and bounds the log on disk and in
   * memory, to about twice this.
   *
   * @default 67_108_864
   */
  readonly snapshotAfterBytes?: number;
  /** Entries that are kept behind a snapshot for nodes that lag a little. @default 10_000 */
  readonly catchUpEntries?: number;
  /** Reads that may wait to be confirmed; more are `unavailable`. @default 100_000 */
  readonly maxWaitingReads?: number;
  /** Bounds on what is remembered for retries. */
  readonly sessions?: SessionOptions;
}

export type ValidatedNodeOptions = Required<Omit<NodeOptions, "group">> &
  Pick<NodeOptions, "group">;

/** Part of protocols' names, so without a slash, and short enough for any transport. */
const GROUP_NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Below the write-ahead log's largest record, 64 MiB, with room for the headers. */
const LARGEST_COMMAND_BYTES = 60 * 1024 * 1024;
/** Half of what the write-ahead log lets wait for the disk, so that these bounds come first. */
const LARGEST_BYTES_UNDER_WAY = 128 * 1024 * 1024;
/** What a message has besides its entries, at most. */
const MESSAGE_OVERHEAD_BYTES = 1_024;

/**
 * Every default filled in, every field checked; the fields that an algorithm adds are for it to check.
 *
 * @throws {ReplicationError} `invalid-option`.
 */
export function validatedNodeOptions(
  options: NodeOptions,
  transport: { readonly maxMessageBytes: number },
): ValidatedNodeOptions {
  const all: ValidatedNodeOptions = {
    ...(options.group !== undefined && { group: options.group }),
    electionTimeoutMs: options.electionTimeoutMs ?? 1_000,
    heartbeatMs: options.heartbeatMs ?? 100,
    maxAppendBytes: options.maxAppendBytes ?? 256 * 1024,
    maxInflightMessages: options.maxInflightMessages ?? 256,
    maxInflightBytes: options.maxInflightBytes ?? 16 * 1024 * 1024,
    maxUncommittedBytes: options.maxUncommittedBytes ?? 64 * 1024 * 1024,
    maxCommandBytes: options.maxCommandBytes ?? 8 * 1024 * 1024,
    snapshotAfterBytes: options.snapshotAfterBytes ?? 64 * 1024 * 1024,
    catchUpEntries: options.catchUpEntries ?? 10_000,
    maxWaitingReads: options.maxWaitingReads ?? 100_000,
    sessions: options.sessions ?? {},
  };
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === "number") requireWhole(name, value, name === "catchUpEntries" ? 0 : 1);
  }
  requireThat(
    all.group === undefined || GROUP_NAME.test(all.group),
    `group must be 1 to 64 letters, digits, ".", "_" and "-", not ${JSON.stringify(all.group)}`,
  );
  requireThat(
    all.electionTimeoutMs >= 4 * all.heartbeatMs,
    `electionTimeoutMs (${all.electionTimeoutMs}) must be at least 4 × heartbeatMs (${all.heartbeatMs})`,
  );
  requireAtMost("maxCommandBytes", all.maxCommandBytes, LARGEST_COMMAND_BYTES);
  requireAtMost("maxUncommittedBytes", all.maxUncommittedBytes, LARGEST_BYTES_UNDER_WAY);
  requireAtMost("maxInflightBytes", all.maxInflightBytes, LARGEST_BYTES_UNDER_WAY);
  for (const name of ["maxCommandBytes", "maxAppendBytes"] as const) {
    requireThat(
      all[name] + MESSAGE_OVERHEAD_BYTES <= transport.maxMessageBytes,
      `${name} (${all[name]}) must be ${MESSAGE_OVERHEAD_BYTES} less than the transport's ` +
        `maxMessageBytes (${transport.maxMessageBytes}): lower the one or raise the other`,
    );
  }
  return all;
}

/** @throws {ReplicationError} `invalid-option`: nobody, too many, or a name that is empty or twice. */
export function requireVoters(voters: readonly string[], most: number): void {
  requireThat(
    voters.length >= 1 && voters.length <= most,
    `voters must be 1 to ${most} names, not ${voters.length}`,
  );
  requireThat(
    new Set(voters).size === voters.length && !voters.includes(""),
    `each voter must have a name of its own: ${voters.join(", ")}`,
  );
}

/** @throws {ReplicationError} `invalid-option`. */
export function requireWhole(name: string, value: number, least: number): void {
  requireThat(
    Number.isSafeInteger(value) && value >= least,
    `${name} must be a whole number from ${least}, not ${value}`,
  );
}

/** @throws {ReplicationError} `invalid-option`. */
export function requireAtMost(name: string, value: number, most: number): void {
  requireThat(value <= most, `${name} must be at most ${most}, not ${value}`);
}

/** @throws {ReplicationError} `invalid-option`. */
export function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new ReplicationError("invalid-option", message);
}
