/**
 * A segmented, append-only write-ahead log: chained checksums, group commit, and a recovery that
 * tells a torn write from damage.
 *
 * @example
 * ```ts
 * import { openWal } from "@quorate/wal";
 *
 * const wal = await openWal({ directory: "./orders-log" });
 * const index = await wal.append([new TextEncoder().encode("two noodles, one tea")]);
 * console.log(`record ${index} is on disk`);
 * for await (const { index, record } of wal.read(wal.firstIndex)) {
 *   console.log(index, new TextDecoder().decode(record));
 * }
 * await wal.close();
 * ```
 *
 * @packageDocumentation
 */
export { openWal, type ReadOptions, type Wal, type WalDependencies } from "./wal.ts";
export type { IndexedRecord } from "./log-reader.ts";
export type { WalOptions } from "./options.ts";
export type { WalRecovery } from "./recovery.ts";
export { WalError, type WalErrorCode, type WalPlace } from "./wal-error.ts";
