/**
 * A snapshot is a row of blocks: the length of the payload and its CRC-32 (4 bytes each, little
 * endian), then the payload. The payload's first byte says what it is:
 *
 * 1. one header: magic, version, and the store's standing (revision, compacted, swept, full);
 * 2. any number of blocks of leases (id, seconds);
 * 3. any number of blocks of the base: of each key its last version before the swept revision;
 * 4. any number of blocks of changes, in their order, tombstones too;
 * 5. one trailer: how many versions, and the state hash.
 *
 * Blocks are cut anywhere into chunks.
 */
export const MAGIC = "QRKV";
export const SNAPSHOT_VERSION = 2;

export const BLOCK = { header: 1, leases: 2, base: 3, changes: 4, trailer: 5 } as const;

export const BLOCK_HEADER_BYTES = 8;

/** A block is closed once it has this many bytes. */
export const BLOCK_BYTES = 131_072;

/** The largest payload: a block about to be closed and one entry of the largest request. */
export const MAX_BLOCK_BYTES = 2_097_152;
