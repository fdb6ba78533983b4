/**
 * A snapshot is a row of blocks: the length of the payload and its CRC-32 (4 bytes each, little
 * endian), then the payload. The payload's first byte says what it is: first one header (magic,
 * version), then any number of blocks of whole entries, then one trailer (revision, number of
 * entries, state hash). Blocks are cut anywhere into chunks.
 */
export const MAGIC = "QRKV";
export const SNAPSHOT_VERSION = 1;

export const BLOCK = { header: 1, entries: 2, trailer: 3 } as const;

export const BLOCK_HEADER_BYTES = 8;

/** A block of entries is closed once it has this many bytes. */
export const BLOCK_BYTES = 131_072;

/** The largest payload: a block about to be closed and one entry of the largest request. */
export const MAX_BLOCK_BYTES = 2_097_152;
