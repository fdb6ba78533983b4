import type { ByteString } from "../byte-string.ts";
import type { KeyValue } from "../operation-result.ts";

/** A key's state in the store. Never changed once made: views of the past share it. */
export interface Entry extends KeyValue<ByteString> {
  /** Two numbers of 32 bits, signed: what this entry adds to the state's hash. */
  readonly hashHigh: number;
  readonly hashLow: number;
}
