import { ReplicationError, type SessionOptions } from "@quorate/replication";

/** How a node behaves. The same on all nodes of a cluster, but for `directory` and `bootstrap`. */
export interface PaxosLogOptions {
  /**
   * The names of those that vote when the log begins; 1 to 31, an odd number wastes none. A node that
   * joins later is given these, too, and is not among them.
   */
  readonly voters: readonly string[];
  /** Where this node keeps its data; made when it does not exist. One member a directory. */
  readonly directory: string;
  /**
   * Whether an empty `directory` is that of a node which has never run. False where a node has lost
   * its data: it could break promises that it no longer knows of, and votes only once it is added anew.
   *
   * @default true
   */
  readonly bootstrap?: boolean;
  /**
   * The name of the group, of 1 to 64 letters, digits, dots, underscores and hyphens, when several
   * groups share a transport: each has its own log, state machine and leader.
   *
   * @default no name: the only group on its transports that has none
   */
  readonly group?: string;
  /**
   * Milliseconds without a leader after which a node canvasses, to twice that, drawn at random. At
   * least 4 heartbeats, and far above a round trip and a disk write.
   *
   * @default 1_000
   */
  readonly electionTimeoutMs?: number;
  /** Milliseconds between two signs of life of a leader. @default 100 */
  readonly heartbeatMs?: number;
  /**
   * α: slots that may be undecided at a time; more commands wait. A configuration is used so many
   * slots after the one where it is decided. The same for ever. 1 to 65,536.
   *
   * @default 4_096
   */
  readonly window?: number;
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
   * Bytes of proposals that a leader holds undecided; more are `overloaded`. At most 128 MiB.
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

export type ValidatedPaxosLogOptions = Required<Omit<PaxosLogOptions, "group">> &
  Pick<PaxosLogOptions, "group">;

/** As many as there are bits in a set of nodes. */
const MAX_VOTERS = 31;
const MAX_WINDOW = 65_536;
/** Part of protocols' names, so without a slash, and short enough for any transport. */
const GROUP_NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Below the write-ahead log's largest record, 64 MiB, with room for the headers. */
const LARGEST_COMMAND_BYTES = 60 * 1024 * 1024;
/** Half of what the write-ahead log lets wait for the disk, so that the log's own bounds come first. */
const LARGEST_BYTES_UNDER_WAY = 128 * 1024 * 1024;
/** What a message has besides its entries, at most. */
const MESSAGE_OVERHEAD_BYTES = 1_024;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(
  options: PaxosLogOptions,
  transport: { readonly maxMessageBytes: number },
): ValidatedPaxosLogOptions {
  const all = {
    bootstrap: true,
    electionTimeoutMs: 1_000,
    heartbeatMs: 100,
    window: 4_096,
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
  requireAtMost(all, "window", MAX_WINDOW);
  requireAtMost(all, "maxCommandBytes", LARGEST_COMMAND_BYTES);
  requireAtMost(all, "maxUncommittedBytes", LARGEST_BYTES_UNDER_WAY);
  requireAtMost(all, "maxInflightBytes", LARGEST_BYTES_UNDER_WAY);
  for (const name of ["maxCommandBytes", "maxAppendBytes"] as const) {
    requireThat(
      all[name] + MESSAGE_OVERHEAD_BYTES <= transport.maxMessageBytes,
      `${name} (${all[name]}) must be ${MESSAGE_OVERHEAD_BYTES} less than the transport's ` +
        `maxMessageBytes (${transport.maxMessageBytes}): lower the one or raise the other`,
    );
  }
  requireVoters(all.voters);
  return all;
}

/** @throws {ReplicationError} `invalid-option`: nobody, too many, or a name twice. */
export function requireVoters(voters: readonly string[]): void {
  requireThat(
    voters.length >= 1 && voters.length <= MAX_VOTERS,
    `voters must be 1 to ${MAX_VOTERS} names, not ${voters.length}`,
  );
  requireThat(
    new Set(voters).size === voters.length && !voters.includes(""),
    `each voter must have a name of its own: ${voters.join(", ")}`,
  );
}

function requireAtMost<K extends string>(
  options: Readonly<Record<K, number>>,
  name: K,
  most: number,
): void {
  requireThat(options[name] <= most, `${name} must be at most ${most}, not ${options[name]}`);
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
