import { ByteSink } from "./byte-sink.ts";
import type { Codec, OrderedCodec } from "./codec.ts";
import { END_BYTES, endOfEscaped, escapeFrom, isUnchanged, unescape } from "./escape.ts";

/** Several values as one, by the first, then the second and so on. Ordered if all of them are. */
export function tuple<T extends readonly unknown[]>(
  ...parts: { readonly [I in keyof T]: OrderedCodec<T[I]> }
): OrderedCodec<T>;
export function tuple<T extends readonly unknown[]>(
  ...parts: { readonly [I in keyof T]: Codec<T[I]> }
): Codec<T>;
export function tuple(...parts: readonly Codec<unknown>[]): Codec<readonly unknown[]> {
  const last = parts.length - 1;
  // One for each part: what a part reads may be a view of it.
  const scratches = parts.map(() => new ByteSink());
  const fixedBytes = sum(parts.map((part) => part.fixedBytes ?? Number.NaN));
  return {
    name: `tuple(${parts.map((part) => part.name).join(", ")})`,
    ...(parts.every((part) => "isOrdered" in part) && { isOrdered: true }),
    ...(!Number.isNaN(fixedBytes) && { fixedBytes }),
    write(values: readonly unknown[], into: ByteSink): void {
      for (let index = 0; index <= last; index++) {
        const part = parts[index]!;
        const start = into.length;
        part.write(values[index], into);
        if (index < last && part.fixedBytes === undefined) escapeFrom(start, into);
      }
    },
    read(bytes: Uint8Array, start: number, end: number): readonly unknown[] {
      const values: unknown[] = [];
      let at = start;
      for (let index = 0; index <= last; index++) {
        const part = parts[index]!;
        const partEnd = index === last ? end : endOf(part, bytes, at, end);
        const isPlain = index === last || part.fixedBytes !== undefined;
        values.push(
          isPlain
            ? part.read(bytes, at, partEnd)
            : readEscaped(part, bytes, at, partEnd, scratches[index]!),
        );
        at = partEnd;
      }
      return values;
    },
  };
}

function endOf(part: Codec<unknown>, bytes: Uint8Array, at: number, end: number): number {
  return part.fixedBytes === undefined ? endOfEscaped(bytes, at, end) : at + part.fixedBytes;
}

/** Reads a value that was escaped, by way of `scratch` where that changed its bytes. */
export function readEscaped<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
  start: number,
  end: number,
  scratch: ByteSink,
): T {
  if (isUnchanged(bytes, start, end)) return codec.read(bytes, start, end - END_BYTES);
  scratch.length = 0;
  unescape(bytes, start, end, scratch);
  return codec.read(scratch.bytes, 0, scratch.length);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}
