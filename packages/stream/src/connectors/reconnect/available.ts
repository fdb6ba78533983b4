import type { Readable } from "node:stream";
import type { Clock } from "@quorate/runtime";

export interface Silence {
  readonly clock: Clock;
  /** Milliseconds without anything, after which the stream is given up. */
  readonly maxSilenceMs: number;
}

/**
 * What a stream has, all that came meanwhile at once, to its end. While nobody asks, it is not read:
 * it holds what it may, and then its sender waits. It is destroyed when the reading ends.
 */
export async function* available<C>(
  stream: Readable,
  silence?: Silence,
): AsyncGenerator<readonly C[], void> {
  const failure: { error?: Error } = {};
  let wake = (): void => {};
  stream.on("error", (error) => {
    failure.error = error;
    wake();
  });
  for (const event of ["readable", "end", "close"]) stream.on(event, () => wake());
  try {
    for (;;) {
      const chunks: C[] = [];
      for (let chunk = stream.read() as C | null; chunk !== null; chunk = stream.read()) {
        chunks.push(chunk);
      }
      if (chunks.length > 0) {
        yield chunks;
        continue;
      }
      if (failure.error) throw failure.error;
      if (stream.readableEnded || stream.destroyed) return;
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const timer = silence?.clock.setTimer(silence.maxSilenceMs, () => {
        stream.destroy(new Error(`nothing came for ${silence.maxSilenceMs} ms`));
      });
      await woken;
      timer?.cancel();
    }
  } finally {
    stream.destroy();
  }
}
