import type { ByteSink } from "./byte-sink.ts";
import type { Codec } from "./codec.ts";
import { utf8 } from "./utf8.ts";

/**
 * What `JSON.stringify` makes of a value; `T` is the caller's claim about what comes back. Has no
 * order: keys need `utf8`, `int`, `float64`, `tuple` or the like.
 */
export function json<T>(): Codec<T> {
  return {
    name: "json",
    write(value: T, into: ByteSink): void {
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) throw new TypeError(`${typeof value} has no form in JSON`);
      utf8.write(text, into);
    },
    read: (bytes, start, end) => JSON.parse(utf8.read(bytes, start, end)) as T,
  };
}
