/**
 * A part of a backup is a row of blocks as a snapshot is (see `snapshot-format.ts`), with a header and a
 * trailer of its own:
 *
 * - header: magic, version, the first revision that it has (0: all of the store), the last, and the
 *   store's standing then (compacted, swept, full);
 * - leases, base and changes as in a snapshot; leases are all that there were at its last revision;
 * - trailer: how many versions, and their hash. Without it the part is truncated.
 */
export const BACKUP_MAGIC = "QRKB";
export const BACKUP_VERSION = 1;
