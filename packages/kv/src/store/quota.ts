import { KvError } from "../kv-error.ts";
import type { DecodedCommand } from "../operation.ts";
import { sizeOf, type Store } from "./store.ts";

/** What a lease counts of the quota. */
const LEASE_BYTES = 64;

/**
 * How many bytes a command may add, whichever branch it takes, not counting tombstones: a full store
 * must let itself be emptied.
 *
 * Source: etcd's `quota.Cost`.
 */
function costOf(command: DecodedCommand): number {
  switch (command.kind) {
    case "put":
      return sizeOf(command);
    case "transaction":
      return Math.max(sumOf(command.success), sumOf(command.failure));
    case "grant-lease":
      return LEASE_BYTES;
    case "delete":
    case "range":
    case "compact":
    case "revoke-lease":
    case "disarm":
      return 0;
  }
}

/** @throws {KvError} `no-space`; from then on the store must be full, until it is disarmed. */
export function checkSpace(store: Store, command: DecodedCommand, quotaBytes: number): void {
  const cost = costOf(command);
  if (cost === 0) return;
  const { isFull } = store;
  if (!isFull && store.bytes + cost <= quotaBytes) return;
  throw new KvError("no-space", `${store.bytes} bytes of ${quotaBytes} are used`);
}

function sumOf(commands: readonly DecodedCommand[]): number {
  return commands.reduce((sum, command) => sum + costOf(command), 0);
}
