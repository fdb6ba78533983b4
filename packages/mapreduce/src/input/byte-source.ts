import type { Disk } from "../disk/disk.ts";

/** Bytes of a file in their order. */
export interface ByteSource {
  /**
   * Puts bytes at the beginning of `into`; returns how many, 0 only at the end. A promise only
   * where it must wait: what comes from a disk does not, and costs none.
   */
  read(into: Uint8Array): number | Promise<number>;
  close(): void;
}

/** A file from `position` on. */
export function fileSource(disk: Disk, path: string, position: number): ByteSource {
  const file = disk.open(path);
  let at = position;
  return {
    read: (into) => {
      const count = file.read(into, at);
      at += count;
      return count;
    },
    close: () => file.close(),
  };
}

/** Chunks of any size, in which an empty one means nothing. Closing it ends the iteration. */
export function chunkSource(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  return {
    read: async (into) => {
      while (chunk.length === 0) {
        const next = await iterator.next();
        if (next.done) return 0;
        chunk = next.value;
      }
      const count = Math.min(chunk.length, into.length);
      into.set(chunk.subarray(0, count));
      chunk = chunk.subarray(count);
      return count;
    },
    // Who closes early has no use for an error of it.
    close: () => void iterator.return?.().then(undefined, () => undefined),
  };
}
