/**
 * A store on disk, for more keys than fit into memory: LMDB, by the npm package `lmdb`.
 *
 * @example
 * ```ts
 * import { KvStateMachine } from "@quorate/kv";
 * import { LmdbEngine } from "@quorate/kv/lmdb";
 *
 * const machine = new KvStateMachine({}, { engine: LmdbEngine.open("/var/lib/store") });
 * ```
 *
 * @packageDocumentation
 */
export { LmdbEngine } from "./lmdb-engine.ts";
