/**
 * For tests of jobs, and of what is built from this package's parts: a disk in memory that fails and
 * crashes when told to.
 *
 * @packageDocumentation
 */
export {
  type DiskOperation,
  type DiskOperationKind,
  MemoryDisk,
  type MemoryDiskOptions,
} from "./memory-disk.ts";
export type { Survival } from "./memory-tree.ts";
