import type { CoProcessFactory } from "../co-process.ts";
import type { Key } from "../state/key-groups.ts";
import type { TimeToLive } from "../state/time-to-live.ts";
import { firstAfter, insertByTime, type Timed } from "./timed.ts";

export interface TemporalJoinOptions {
  /** When a key's versions are forgotten. @default never: a table has a row for each key */
  readonly ttl?: TimeToLive;
}

/**
 * Joins each left record with the version of its key that is valid at its time: the right record of the
 * highest timestamp that is not above its own (of equals, the last to arrive); undefined if there is
 * none. A left record waits for the watermark to reach its time, so a version that comes later in the
 * stream still counts. A left record that is late is dropped, and counted; so is a version that is
 * older than one the watermark has passed.
 *
 * Source: "Event-time temporal joins", SIGMOD 2019 (Flink's `FOR SYSTEM_TIME AS OF`).
 */
export function temporalJoin<K extends Key, Left, Version, Out>(
  join: (left: Left, version: Version | undefined) => Out,
  { ttl }: TemporalJoinOptions = {},
): CoProcessFactory<K, Left, Version, Out> {
  return (context) => {
    const waiting = context.state.value<Timed<Left>[]>("waiting");
    const versions = context.state.value<Timed<Version>[]>("versions", ttl);
    /** Keeps the version that is valid at the watermark, and those after it. */
    const withoutPast = (list: Timed<Version>[]): Timed<Version>[] => {
      const past = firstAfter(list, context.watermarkMs) - 1;
      return past > 0 ? list.slice(past) : list;
    };
    return {
      onLeft(left, timestampMs) {
        if (timestampMs <= context.watermarkMs) return context.countLate();
        const list = waiting.get() ?? [];
        insertByTime(list, left, timestampMs);
        waiting.set(list);
        if (list[0]?.timestampMs === timestampMs) context.setTimer("event", timestampMs);
      },
      onRight(version, timestampMs) {
        const list = withoutPast(versions.get() ?? []);
        const [oldest] = list;
        const isPast = timestampMs <= context.watermarkMs;
        if (isPast && oldest && timestampMs < oldest.timestampMs) return context.countLate();
        insertByTime(list, version, timestampMs);
        versions.set(withoutPast(list));
      },
      onTimer() {
        const list = waiting.get() ?? [];
        const due = firstAfter(list, context.watermarkMs);
        const table = versions.get() ?? [];
        for (let at = 0; at < due; at++) {
          const { value, timestampMs } = list[at] as Timed<Left>;
          const version = table[firstAfter(table, timestampMs) - 1]?.value;
          context.emit(join(value, version), timestampMs);
        }
        const rest = list.slice(due);
        if (rest[0]) {
          waiting.set(rest);
          context.setTimer("event", rest[0].timestampMs);
        } else {
          waiting.clear();
        }
      },
    };
  };
}
