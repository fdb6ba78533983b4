import { StreamError } from "../stream-error.ts";

/**
 * What becomes of a record that `decode` throws on. Without one, the source fails with
 * `invalid-record`; with one, the record is left out, and this is called with it: to count it, or to
 * write it elsewhere (a dead-letter queue). After a crash it may be called for the same record again.
 */
export type OnInvalid<Raw> = (error: StreamError, raw: Raw) => void;

/** Decodes a batch; `placeOf` says where a record is, for people. */
export function decodeAll<Raw, T>(
  raws: Iterable<Raw>,
  decode: (raw: Raw) => T,
  placeOf: (raw: Raw) => string,
  onInvalid?: OnInvalid<Raw>,
): T[] {
  const records: T[] = [];
  for (const raw of raws) {
    try {
      records.push(decode(raw));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const error = new StreamError("invalid-record", `${placeOf(raw)}: ${reason}`, { cause });
      if (!onInvalid) throw error;
      onInvalid(error, raw);
    }
  }
  return records;
}
