import { requireNodes } from "../core/quorum/quorum-system.ts";
import { PaxosError } from "../paxos-error.ts";

/** How a node of the register behaves. */
export interface RegisterOptions {
  /**
   * The acceptors that the cluster began with, the same on all nodes: a majority of them must answer.
   * Later ones come by `changeMembers`. A node that is none of them serves its callers, too.
   */
  readonly members: readonly string[];
  /** Where this node keeps its data; made when it does not exist. One node a directory. */
  readonly directory: string;
  /**
   * True when this node starts for the first time ever. Otherwise an empty directory says that its data
   * was lost: it proposes, but accepts nothing until a change of members takes it in again. Without
   * effect on a directory that has data.
   *
   * @default false
   */
  readonly bootstrap?: boolean;
  /**
   * A name of 1 to 64 letters, digits, dots, underscores and hyphens, when several registers share a
   * transport.
   *
   * @default "register"
   */
  readonly name?: string;
  /** Milliseconds that an operation may take, unless its caller says otherwise. @default 5_000 */
  readonly timeoutMs?: number;
  /** Milliseconds after which a message without an answer is sent again, then twice that; from 1. @default 200 */
  readonly retransmitMs?: number;
  /** Milliseconds: the most that is waited after the second refusal; from 1. @default 5 */
  readonly minBackoffMs?: number;
  /** Milliseconds: the most after many; far above two round trips and writes. @default 1_000 */
  readonly maxBackoffMs?: number;
  /** Milliseconds after which a deleted key is forgotten everywhere. @default 1_000 */
  readonly collectAfterMs?: number;
  /** Of UTF-8, from 1 to 4096. @default 1_024 */
  readonly maxKeyBytes?: number;
  /** At least 8 KiB below the transport's `maxMessageBytes`; at most 60 MiB. @default 64 KiB */
  readonly maxValueBytes?: number;
  /** Operations under way or queued; one more is `overloaded`. @default 10_000 */
  readonly maxOperations?: number;
  /** Keys whose next write takes one round trip, as a promise is kept; from 2. @default 100_000 */
  readonly maxPromisedKeys?: number;
  /** Bytes of the values that are kept with them; none of more than half of it. @default 32 MiB */
  readonly maxPromisedBytes?: number;
  /** Bytes of memory for the states of the keys used last; the others are on disk. @default 64 MiB */
  readonly cacheBytes?: number;
}

export type ValidatedRegisterOptions = Required<RegisterOptions>;

/** Part of a protocol's name, so without a slash, and short enough for any transport. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const MIB = 1024 * 1024;
/** What a message has besides its value, at most: a key, three ballots, marks. */
const MESSAGE_OVERHEAD_BYTES = 8 * 1024;
/** Below the write-ahead log's largest record, 64 MiB. */
const LARGEST_VALUE_BYTES = 60 * MIB;
const LARGEST_KEY_BYTES = 4_096;

/** Every default filled in, every field checked; the one place where options are validated. */
export function validatedRegister(
  options: RegisterOptions,
  transport: { readonly maxMessageBytes: number },
): ValidatedRegisterOptions {
  const all = {
    bootstrap: false,
    name: "register",
    timeoutMs: 5_000,
    retransmitMs: 200,
    minBackoffMs: 5,
    maxBackoffMs: 1_000,
    collectAfterMs: 1_000,
    maxKeyBytes: 1_024,
    maxValueBytes: 64 * 1024,
    maxOperations: 10_000,
    maxPromisedKeys: 100_000,
    maxPromisedBytes: 32 * MIB,
    cacheBytes: 64 * MIB,
    ...options,
  };
  for (const [name, value] of Object.entries(all)) {
    if (typeof value !== "number") continue;
    const isWhole = Number.isSafeInteger(value) && value >= 1;
    requireThat(isWhole, `${name} must be a whole number from 1, not ${value}`);
  }
  requireNodes(all.members);
  requireThat(all.directory !== "", "directory must not be empty");
  requireThat(NAME.test(all.name), `name must be 1 to 64 letters or digits, not ${all.name}`);
  requireThat(
    all.minBackoffMs <= all.maxBackoffMs,
    `minBackoffMs (${all.minBackoffMs}) must be at most maxBackoffMs (${all.maxBackoffMs})`,
  );
  requireThat(
    all.maxKeyBytes <= LARGEST_KEY_BYTES,
    `maxKeyBytes must be at most ${LARGEST_KEY_BYTES}, not ${all.maxKeyBytes}`,
  );
  const most = Math.min(transport.maxMessageBytes - MESSAGE_OVERHEAD_BYTES, LARGEST_VALUE_BYTES);
  requireThat(
    all.maxValueBytes <= most,
    `maxValueBytes must be at most ${most}, with this transport, not ${all.maxValueBytes}`,
  );
  return all;
}

function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new PaxosError("invalid-option", message);
}
