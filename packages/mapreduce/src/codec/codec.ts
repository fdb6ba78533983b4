import type { ByteSink } from "./byte-sink.ts";

/**
 * How keys and values become bytes. Between map and reduce everything is bytes: pairs are sorted,
 * spilled, merged and sent without being decoded.
 */
export interface Codec<T> {
  /** For messages: "utf8", "float64". */
  readonly name: string;
  /** Appends the value. @throws what the value's type deserves; the engine adds the place. */
  write(value: T, into: ByteSink): void;
  /** The value in `bytes` from `start` to before `end`; those bytes are reused after the call. */
  read(bytes: Uint8Array, start: number, end: number): T;
  /** Every value takes so many bytes; left out where that differs. */
  readonly fixedBytes?: number;
  /** Values are numbers: while they are combined they need not be encoded. */
  readonly isNumeric?: true;
}

/**
 * A codec whose bytes, compared as unsigned bytes (and a prefix before what it begins), stand in the
 * order of the values. Keys need it, since they are sorted by their bytes.
 */
export interface OrderedCodec<T> extends Codec<T> {
  readonly isOrdered: true;
}
