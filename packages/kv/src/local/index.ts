/**
 * A store of one node in this process, with real clients of it: for tests of programs that use the
 * store, and for trying it out. It keeps nothing.
 *
 * @example
 * ```ts
 * import { startLocalKv } from "@quorate/kv/local";
 *
 * await using store = await startLocalKv();
 * const client = await store.client();
 * await client.put("order/1", "soup");
 * console.log((await client.get("order/1"))?.version); // 1
 * ```
 *
 * @packageDocumentation
 */
export { type LocalKv, type LocalKvDependencies, startLocalKv } from "./local-kv.ts";
