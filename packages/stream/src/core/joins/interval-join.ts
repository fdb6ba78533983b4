import { StreamError } from "../../stream-error.ts";
import type { CoProcessFactory } from "../co-process.ts";
import type { Key } from "../state/key-groups.ts";
import type { ValueState } from "../state/states.ts";
import { firstAfter, insertByTime, type Timed } from "./timed.ts";

/** When a right record belongs to a left one: from `fromMs` to `toMs` after it, both inclusive. */
export interface Interval {
  /** May be below 0: before it. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * All pairs of a key whose times are within the interval, each once, as soon as both are there; its
 * timestamp is the later of the two. A record is kept until the watermark says that none can follow
 * that belongs to it; one that is late itself is dropped, and counted.
 *
 * Source: Flink's `IntervalJoinOperator`.
 */
export function intervalJoin<K extends Key, Left, Right, Out>(
  { fromMs, toMs }: Interval,
  join: (left: Left, right: Right) => Out,
): CoProcessFactory<K, Left, Right, Out> {
  if (!(fromMs <= toMs && fromMs > -Infinity && toMs < Infinity)) {
    throw new StreamError("invalid-option", `an interval from ${fromMs} to ${toMs} ms`);
  }
  // Dropping each record at its very time would move those behind it each time.
  const slackMs = Math.ceil((toMs - fromMs) / 8);
  return (context) => {
    const lefts = context.state.value<Timed<Left>[]>("left");
    const rights = context.state.value<Timed<Right>[]>("right");
    const pruneAtMs = context.state.value<number>("prune at");

    const keep = <T>(
      state: ValueState<Timed<T>[]>,
      value: T,
      atMs: number,
      forMs: number,
    ): void => {
      const expiresAtMs = atMs + forMs;
      if (expiresAtMs <= context.watermarkMs) return;
      const list = state.get() ?? [];
      insertByTime(list, value, atMs);
      state.set(list);
      // One timer a key: each record's own would make many.
      if (pruneAtMs.get() === undefined) pruneAfter(expiresAtMs);
    };
    const pruneAfter = (expiresAtMs: number): void => {
      pruneAtMs.set(expiresAtMs + slackMs);
      context.setTimer("event", expiresAtMs + slackMs);
    };
    /** Drops what expired; when the next one does. */
    const prune = (state: ValueState<Timed<unknown>[]>, forMs: number): number => {
      const list = state.get();
      if (!list) return Infinity;
      const gone = firstAfter(list, context.watermarkMs - forMs);
      if (gone === list.length) state.clear();
      else if (gone > 0) state.set(list.toSpliced(0, gone));
      return gone === list.length ? Infinity : (list[gone] as Timed<unknown>).timestampMs + forMs;
    };
    const isLate = (timestampMs: number): boolean => {
      if (timestampMs > context.watermarkMs) return false;
      context.countLate();
      return true;
    };
    return {
      onLeft(left, atMs) {
        if (isLate(atMs)) return;
        const others = rights.get() ?? [];
        for (let at = firstAfter(others, atMs + fromMs - 1); at < others.length; at++) {
          const { value, timestampMs } = others[at] as Timed<Right>;
          if (timestampMs < atMs + fromMs) continue;
          if (timestampMs > atMs + toMs) break;
          context.emit(join(left, value), Math.max(atMs, timestampMs));
        }
        keep(lefts, left, atMs, toMs);
      },
      onRight(right, atMs) {
        if (isLate(atMs)) return;
        const others = lefts.get() ?? [];
        for (let at = firstAfter(others, atMs - toMs - 1); at < others.length; at++) {
          const { value, timestampMs } = others[at] as Timed<Left>;
          if (timestampMs < atMs - toMs) continue;
          if (timestampMs > atMs - fromMs) break;
          context.emit(join(value, right), Math.max(atMs, timestampMs));
        }
        keep(rights, right, atMs, -fromMs);
      },
      onTimer() {
        pruneAtMs.clear();
        const nextMs = Math.min(prune(lefts, toMs), prune(rights, -fromMs));
        if (nextMs < Infinity) pruneAfter(nextMs);
      },
    };
  };
}
