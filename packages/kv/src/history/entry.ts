import type { ByteString } from "../byte-string.ts";
import type { KeyValue } from "../operation-result.ts";

/**
 * One version of a key: what a put made of it, or, with a `version` of 0, the tombstone that a delete
 * left. Never changed once made: the past and views of it share them.
 */
export type Entry = KeyValue<ByteString>;

export function isTombstone(entry: Entry): boolean {
  return entry.version === 0;
}

/** What a delete at `revision` leaves of a key. */
export function tombstone(key: ByteString, revision: number): Entry {
  return { key, value: "", createRevision: 0, modRevision: revision, version: 0, lease: 0 };
}
