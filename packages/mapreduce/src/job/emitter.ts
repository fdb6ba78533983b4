/** Takes the pairs that map gives. */
export interface Emitter<K, V> {
  /** Both are encoded before it returns, or combined with what is there for the key. */
  emit(key: K, value: V): void;
  /**
   * The same with the key as its codec would write it, in `bytes` from `start` to before `end`:
   * nothing is decoded or copied that does not need to be.
   */
  emitBytes(bytes: Uint8Array, start: number, end: number, value: V): void;
}
