/**
 * What a node may touch besides the network: clock and timers, randomness, files. Each is a small
 * interface with the system's implementation; `@quorate/runtime/testing` has virtual ones.
 *
 * @example
 * ```ts
 * import { seededRandom, systemClock } from "@quorate/runtime";
 *
 * const random = seededRandom("2026-11-21").fork("elections");
 * const delayMs = 5 + 5 * random.next();
 * const startedAt = systemClock.now();
 * await new Promise<void>((resolve) => systemClock.setTimer(delayMs, resolve));
 * console.log(`waited ${Math.round(systemClock.now() - startedAt)} ms`);
 * ```
 *
 * @packageDocumentation
 */
export type { Clock, Timer } from "./clock.ts";
export { inTime } from "./in-time.ts";
export { type Abortable, pause } from "./pause.ts";
export { systemClock } from "./system-clock.ts";
export { integerBetween, pick, type Random, shuffled } from "./random.ts";
export { seededRandom } from "./seeded-random.ts";
export { systemRandom } from "./system-random.ts";
export type { File, FileSystem, OpenOptions } from "./file-system.ts";
export { FileSystemError, type FileSystemErrorCode } from "./file-system-error.ts";
export { fileSystemError } from "./system-error.ts";
export { systemFileSystem } from "./system-file-system.ts";
