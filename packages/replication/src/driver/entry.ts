/**
 * What an entry carries. A closed list; `configuration` has its number already, since logs outlive
 * versions.
 */
export const ENTRY_KIND = { noop: 0, command: 1, configuration: 2 } as const;

export type EntryKind = keyof typeof ENTRY_KIND;

/**
 * One place in the log. Its index is where it stands. Term, kind and payload are one run of bytes,
 * made once where it is proposed, and written to disks and sockets as it is.
 */
export interface Entry {
  readonly term: number;
  readonly kind: EntryKind;
  readonly record: Uint8Array;
}

/** One byte of kind, and the term as a 48-bit unsigned integer, little end first. */
const HEADER_BYTES = 7;
const KINDS = Object.keys(ENTRY_KIND) as EntryKind[];
const NO_PAYLOAD = new Uint8Array(0);

export function createEntry(
  term: number,
  kind: EntryKind,
  payload: Uint8Array = NO_PAYLOAD,
): Entry {
  const record = new Uint8Array(HEADER_BYTES + payload.length);
  record[0] = ENTRY_KIND[kind];
  const low = term % 2 ** 24;
  const high = (term - low) / 2 ** 24;
  for (let at = 0; at < 3; at++) {
    record[1 + at] = low >>> (8 * at);
    record[4 + at] = high >>> (8 * at);
  }
  record.set(payload, HEADER_BYTES);
  return { term, kind, record };
}

/** Reads a record that `createEntry` made; undefined when it is not one. */
export function entryOf(record: Uint8Array): Entry | undefined {
  const kind = KINDS[record[0] ?? KINDS.length];
  if (kind === undefined || record.length < HEADER_BYTES) return undefined;
  const low = record[1]! | (record[2]! << 8) | (record[3]! << 16);
  const high = record[4]! | (record[5]! << 8) | (record[6]! << 16);
  return { term: high * 2 ** 24 + low, kind, record };
}

export function payloadOf(entry: Entry): Uint8Array {
  return entry.record.subarray(HEADER_BYTES);
}
