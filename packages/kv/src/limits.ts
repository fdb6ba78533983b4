/** Most operations on the longest path through a transaction and those within it. etcd's default. */
export const MAX_OPERATIONS = 128;

/** The largest command, in bytes as encoded: 1.5 MiB, etcd's default. */
export const MAX_REQUEST_BYTES = 1_572_864;

/** The longest that a lease may be granted for: 285 years, as in etcd. */
export const MAX_LEASE_TTL_SECONDS = 9_000_000_000;

/** The largest result, in bytes as encoded. A larger one refuses its command. */
export const MAX_RESULT_BYTES = 8_388_608;
