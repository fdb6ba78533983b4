import { KvError } from "../kv-error.ts";

const PROTOCOL = "quorate/kv";
/** Part of a protocol's name, so without a slash, and short enough for any transport. */
const STORE_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * The name under which nodes and clients of a store talk; see `Transport`.
 *
 * @throws {KvError} `invalid-option` for a name that cannot be one.
 */
export function protocolOf(store: string | undefined): string {
  if (store === undefined) return PROTOCOL;
  if (STORE_NAME.test(store)) return `${PROTOCOL}@${store}`;
  const rule = `store must be 1 to 64 letters, digits, ".", "_" and "-"`;
  throw new KvError("invalid-option", `${rule}, not ${JSON.stringify(store)}`);
}
