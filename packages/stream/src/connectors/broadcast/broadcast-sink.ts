import { type Clock, type Random, systemClock, systemRandom, type Timer } from "@quorate/runtime";
import type { Sink } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { type BroadcastCounts, Broadcaster } from "./broadcaster.ts";

export interface BroadcastOptions {
  /**
   * Bytes of the last events that are kept for clients: for one that comes back, and for one that is
   * slow; one that is further behind is cut off. Half of them may be written between two
   * checkpoints; more fails with `invalid-option`.
   *
   * @default 16 MiB
   */
  readonly replayBytes?: number;
  /** Clients at once; one more is answered with 503. @default 10000 */
  readonly maxClients?: number;
  /** Milliseconds between two signs of life. @default 15000 */
  readonly heartbeatMs?: number;
}

export interface BroadcastDependencies {
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A sink that clients of this process are connected to. */
export interface BroadcastSink<T> extends Sink<T>, AsyncDisposable {
  readonly counts: BroadcastCounts;
  /** Ends all connections, and the heartbeat. The server is whose it is, and is not closed. */
  close(): void;
}

/** The frames of a checkpoint, sent when it is kept: a part of it, also if there are none. */
interface PreparedFrames {
  readonly run: string;
  /** The number of the first. */
  readonly first: number;
  readonly frames: readonly (string | Uint8Array)[];
}

/** What `encode` makes of records, sent when their checkpoint is committed (see 0236). */
export function broadcastSink<T>(
  encode: (record: T, id: string) => string | Uint8Array,
  { replayBytes = 2 ** 24, maxClients = 10_000, heartbeatMs = 15_000 }: BroadcastOptions,
  { clock = systemClock, random = systemRandom }: BroadcastDependencies,
): { readonly broadcaster: Broadcaster; readonly sink: BroadcastSink<T> } {
  for (const [name, value] of Object.entries({ replayBytes, maxClients, heartbeatMs })) {
    if (value >= 1) continue;
    throw new StreamError("invalid-option", `${name} must be 1 or above, not ${value}`);
  }
  const broadcaster = new Broadcaster(replayBytes, maxClients);
  let timer: Timer | undefined;
  const beat = (): void => {
    broadcaster.beat();
    timer = clock.setTimer(heartbeatMs, beat);
  };
  const close = (): void => {
    timer?.cancel();
    timer = undefined;
    broadcaster.end();
  };
  const sink: BroadcastSink<T> = {
    get counts() {
      return broadcaster.counts;
    },
    recover: (_, transactions) => {
      timer ??= clock.setTimer(heartbeatMs, beat);
      const [last] = transactions as PreparedFrames[];
      const isGoingBack =
        last?.run === broadcaster.run && last.first + last.frames.length < broadcaster.next;
      if (last && !isGoingBack) return commit(broadcaster, last);
      broadcaster.begin(Math.floor(random.next() * 2 ** 48).toString(36), 1);
    },
    open: ({ id, subtasks }) => {
      if (subtasks > 1) {
        const text = `${id}: clients are connected to one subtask, so there must be one`;
        throw new StreamError("invalid-option", text);
      }
      let first = broadcaster.next;
      let frames: (string | Uint8Array)[] = [];
      let bytes = 0;
      return {
        write: (records) => {
          for (const record of records) {
            const frame = encode(record, broadcaster.idOf(first + frames.length));
            bytes += Buffer.byteLength(frame);
            frames.push(frame);
          }
          if (bytes <= replayBytes / 2) return;
          const text = `${id}: over half of replayBytes (${replayBytes}) between two checkpoints`;
          throw new StreamError("invalid-option", text);
        },
        prepare: (): PreparedFrames => {
          const prepared = { run: broadcaster.run, first, frames };
          first += frames.length;
          frames = [];
          bytes = 0;
          return prepared;
        },
        commit: (transaction) => commit(broadcaster, transaction as PreparedFrames),
      };
    },
    close,
    [Symbol.asyncDispose]: async () => close(),
  };
  return { broadcaster, sink };
}

/** What is sent already is not sent again. */
function commit(broadcaster: Broadcaster, { run, first, frames }: PreparedFrames): void {
  if (run !== broadcaster.run || first > broadcaster.next) broadcaster.begin(run, first);
  const rest = frames.slice(broadcaster.next - first);
  broadcaster.publish(
    rest.map((frame) => ({
      bytes: typeof frame === "string" ? Buffer.from(frame) : frame,
      isText: typeof frame === "string",
    })),
  );
}
