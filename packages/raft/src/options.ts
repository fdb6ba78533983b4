import { ReplicationError, type SessionOptions } from "@quorate/replication";

/** How a node behaves. The same on all nodes of a cluster, but for `directory`. */
export interface RaftOptions {
  /** The names of all nodes that vote, this one among them; 1 to 15, an odd number wastes none. */
  readonly voters: readonly string[];
  /** Where this node keeps its data; made when it does not exist. One member a directory. */
  readonly directory: string;
  /**
   * The name of the Raft group, of 1 to 64 letters, digits, dots, underscores and hyphens, when
   * several groups share a transport: each has its own log, state machine and leader. The same on
   * all of its members.
   *
   * @default no name: the only group on its transports that has none
   */
  readonly group?: string;
  /**
   * Milliseconds without a leader after which a follower campaigns, to twice that, drawn at random.
   * At least 4 heartbeats, and far above a round trip and a disk write.
   *
   * @default 1_000
   */
  readonly electionTimeoutMs?: number;
  /** Milliseconds between two signs of life of a leader. @default 100 */
  readonly heartbeatMs?: number;
  /**
   * Most bytes of entries in one message to a follower, below the transport's `maxMessageBytes`.
   *
   * @default 262_144
   */
  readonly maxAppendBytes?: number;
  /** Messages with entries that a follower may have unanswered. @default 256 */
  readonly maxInflightMessages?: number;
  /** Bytes of entries that a follower may have unanswered; at most 128 MiB. @default 16_777_216 */
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
  /** Entries that are kept behind a snapshot for followers that lag a little. @default 10_000 */
  readonly catchUpEntries?: number;
  /** Reads that may wait to be confirmed; more are `unavailable`. @default 100_000 */
  readonly maxWaitingReads?: number;
  /** Bounds on what is remembered for retries. */
  readonly sessions?: SessionOptions;
}

export type ValidatedRaftOptions = Required<Omit<RaftOptions, "group">> &
  Pick<RaftOptions, "group">;

const MAX_VOTERS = 15;
/** Part of protocols' names, so without a slash, and short enough for any transport. */
const GROUP_NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Below the write-ahead log's largest record, 64 MiB, with room for the headers. */
const LARGEST_COMMAND_BYTES = 60 * 1024 * 1024;
/** Half of what the write-ahead log lets wait for the disk, so that Raft's own bounds come first. */
const LARGEST_WINDOW_BYTES = 128 * 1024 * 1024;

/** What a message has besides its entries, at most. */
const MESSAGE_OVERHEAD_BYTES = 512;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(
  options: RaftOptions,
  transport: { readonly nodeId: string; readonly maxMessageBytes: number },
): ValidatedRaftOptions {
  const all = {
    electionTimeoutMs: 1_000,
    heartbeatMs: 100,
    maxAppendBytes: 256 * 1024,
    maxInflightMessages: 256,
    maxInflightBytes: 16 * 1024 * 1024,
    maxUncommittedBytes: 64 * 1024 * 1024,
    maxCommandBytes: 8 * 1024 * 1024,
    snapshotAfterBytes: 64 * 1024 * 1024,
    catchUpEntries: 10_000,
    maxWaitingReads: 100_000,
    sessions: {},
    ...options,
  };
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === "number") requireWhole(name, value, name === "catchUpEntries" ? 0 : 1);
  }
  requireThat(all.directory !== "", "directory must not be empty");
  requireThat(
    all.group === undefined || GROUP_NAME.test(all.group),
    `group must be 1 to 64 letters, digits, ".", "_" and "-", not ${JSON.stringify(all.group)}`,
  );
  requireThat(
    all.electionTimeoutMs >= 4 * all.heartbeatMs,
    `electionTimeoutMs (${all.electionTimeoutMs}) must be at least 4 × heartbeatMs (${all.heartbeatMs})`,
  );
  requireThat(
    all.maxCommandBytes <= LARGEST_COMMAND_BYTES,
    `maxCommandBytes must be at most ${LARGEST_COMMAND_BYTES}, not ${all.maxCommandBytes}`,
  );
  for (const name of ["maxUncommittedBytes", "maxInflightBytes"] as const) {
    requireThat(
      all[name] <= LARGEST_WINDOW_BYTES,
      `${name} must be at most ${LARGEST_WINDOW_BYTES}, not ${all[name]}`,
    );
  }
  for (const name of ["maxCommandBytes", "maxAppendBytes"] as const) {
    requireThat(
      all[name] + MESSAGE_OVERHEAD_BYTES <= transport.maxMessageBytes,
      `${name} (${all[name]}) must be ${MESSAGE_OVERHEAD_BYTES} less than the transport's ` +
        `maxMessageBytes (${transport.maxMessageBytes}): lower the one or raise the other`,
    );
  }
  requireVoters(all.voters, transport.nodeId);
  return all;
}

function requireVoters(voters: readonly string[], nodeId: string): void {
  requireThat(
    voters.length >= 1 && voters.length <= MAX_VOTERS,
    `voters must be 1 to ${MAX_VOTERS} names, not ${voters.length}`,
  );
  requireThat(
    new Set(voters).size === voters.length,
    `voters has a name twice: ${voters.join(", ")}`,
  );
  requireThat(
    voters.includes(nodeId),
    `voters (${voters.join(", ")}) must have this node, ${nodeId}`,
  );
}

function requireWhole(name: string, value: number, least: number): void {
  requireThat(
    Number.isSafeInteger(value) && value >= least,
    `${name} must be a whole number from ${least}, not ${value}`,
  );
}

function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new ReplicationError("invalid-option", message);
}
