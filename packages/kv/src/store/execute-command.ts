import type { ByteString } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { drawLeaseId } from "../lease/draw-lease-id.ts";
import { MAX_LEASE_TTL_SECONDS } from "../limits.ts";
import type {
  CommandResult,
  CompactResult,
  GrantLeaseResult,
  RevokeLeaseResult,
} from "../operation-result.ts";
import type { Compact, DecodedCommand, GrantLease, RevokeLease } from "../operation.ts";
import { executeOperation } from "./execute-operation.ts";
import type { Store } from "./store.ts";

/** Where a command stands in the log, and what the store was told of leases. */
export interface CommandContext {
  readonly index: number;
  readonly minLeaseTtlSeconds: number;
}

/**
 * Does a command that was checked, as the store's transaction under way.
 *
 * @throws {KvError} what `executeOperation` throws, and `lease-not-found`, `lease-exists`,
 * `lease-ttl-too-large`, `future-revision`, `compacted`.
 */
export function executeCommand(
  store: Store,
  command: DecodedCommand,
  context: CommandContext,
): CommandResult<ByteString> {
  switch (command.kind) {
    case "compact":
      return compact(store, command);
    case "grant-lease":
      return grant(store, command, context);
    case "revoke-lease":
      return revoke(store, command);
    case "disarm": {
      const { revision } = store;
      const disarmed = store.isFull;
      store.setFull(false);
      return { kind: "disarm", revision, disarmed };
    }
    case "put":
    case "delete":
    case "range":
    case "transaction":
      return executeOperation(store, command);
  }
}

function compact(store: Store, { revision: upTo }: Compact): CompactResult {
  const { revision } = store;
  const { compactRevision } = store;
  if (upTo <= compactRevision) {
    throw new KvError("compacted", `revision ${compactRevision} is compacted already`);
  }
  if (upTo > revision) {
    throw new KvError("future-revision", `revision ${upTo} is above ${revision}`);
  }
  store.compact(upTo);
  return { kind: "compact", revision };
}

function grant(
  store: Store,
  command: GrantLease,
  { index, minLeaseTtlSeconds }: CommandContext,
): GrantLeaseResult {
  if (command.ttlSeconds > MAX_LEASE_TTL_SECONDS) {
    throw new KvError("lease-ttl-too-large", `above ${MAX_LEASE_TTL_SECONDS} s`);
  }
  const isTaken = (id: number): boolean => store.leases.get(id) !== undefined;
  if (isTaken(command.lease)) {
    throw new KvError("lease-exists", `lease ${command.lease} was granted already`);
  }
  const id = command.lease === 0 ? drawLeaseId(index, isTaken) : command.lease;
  const ttlSeconds = Math.max(command.ttlSeconds, minLeaseTtlSeconds);
  store.grant({ id, ttlSeconds });
  return { kind: "grant-lease", revision: store.revision, lease: id, ttlSeconds };
}

function revoke(store: Store, { lease: id }: RevokeLease): RevokeLeaseResult {
  const lease = store.leases.get(id);
  if (!lease) throw new KvError("lease-not-found", `there is no lease ${id}`);
  const deleted = store.revoke(lease);
  return { kind: "revoke-lease", revision: store.revision, deleted };
}
