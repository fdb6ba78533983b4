import type { ByteString } from "../byte-string.ts";

/** Small records that an engine on disk keeps beside the versions, in the same transactions. */
export interface Records {
  get(name: ByteString): Uint8Array | undefined;
  set(name: ByteString, value: Uint8Array): void;
  delete(name: ByteString): void;
  /** All whose names begin with `prefix`, in order; they must not change meanwhile. */
  startingWith(prefix: ByteString): Iterable<readonly [ByteString, Uint8Array]>;
}
