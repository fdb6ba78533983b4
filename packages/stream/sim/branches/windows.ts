import { integerBetween, pick, type Random } from "@quorate/runtime";
import {
  continuousTrigger,
  outputTag,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from "../../src/index.ts";
import type { SimulatedEvent } from "../simulated-events.ts";
import type { Line } from "../transactional-log.ts";
import { type Answer, type BranchKind, groupedBy, sameBag } from "./branch.ts";
import { drawInput, MOST_COPIES } from "./input.ts";

interface Drawn {
  readonly text: string;
  readonly assigner: WindowAssigner;
  /** The windows of all events of one key, in a naive way, with their events. */
  readonly windows: (events: readonly SimulatedEvent[]) => readonly NaiveWindow[];
}

interface NaiveWindow {
  readonly startMs: number;
  readonly events: readonly SimulatedEvent[];
}

/** Windows of all kinds over records that are never late: each emits once. */
export const window: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const input = drawInput(data, random);
  const { text, assigner, windows } = drawWindows(random);
  const answers: Answer[] = [];
  for (const [key, events] of groupedBy(input.events, (one) => one.key)) {
    for (const { startMs, events: inside } of windows(events)) {
      answers.push({ key: `${key} ${startMs}`, text: sorted(inside.map(({ id }) => id)) });
    }
  }
  const latenessMs = pick(random, [0, 0, 30]);
  return {
    name: `${branch}: ${text}`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ key }) => key)
        .window(assigner)
        .allowedLateness(latenessMs)
        .aggregate(ids, (all, { key, startMs }) => {
          return { branch, key: `${key} ${startMs}`, text: sorted(all) };
        })
        .named(branch),
    check: (lines) => sameBag(lines, answers),
  };
};

/** Windows of windows: the second ones are complete when the first ones are. */
export const windowOfWindows: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const input = drawInput(data, random);
  const sizeMs = pick(random, [10, 20]);
  const factor = integerBetween(random, 1, 4);
  const answers: Answer[] = [];
  const byWindow = groupedBy(input.events, ({ atMs }) => `${start(atMs, sizeMs * factor)}`);
  for (const [key, events] of byWindow) {
    const inner = groupedBy(events, (one) => `${one.key} ${start(one.atMs, sizeMs)}`);
    const sum = events.reduce((before, { value }) => before + value, 0);
    answers.push({ key, text: `${inner.size} windows, ${sum}` });
  }
  const sum = {
    create: () => 0,
    add: (before: number, { value }: { readonly value: number }): number => before + value,
    result: (value: number): number => value,
  };
  const both = {
    create: () => [0, 0] as [number, number],
    add: ([count, all]: [number, number], value: number): [number, number] => [
      count + 1,
      all + value,
    ],
    result: ([count, all]: [number, number]): string => `${count} windows, ${all}`,
  };
  return {
    name: `${branch}: windows of windows`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ key }) => key)
        .window(tumbling(sizeMs))
        .aggregate(sum)
        .keyBy(() => "all")
        .window(tumbling(sizeMs * factor))
        .aggregate(both, (text, { startMs }) => ({ branch, key: `${startMs}`, text }))
        .named(branch),
    check: (lines) => sameBag(lines, answers),
  };
};

/**
 * Windows that may emit early, and again for late records: each time all of the time before and more,
 * and in the end all but what is late.
 */
export const growingWindow: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const sizeMs = pick(random, [10, 30, 100]);
  const latenessMs = pick(random, [0, 10, 100]);
  const isEarly = random.next() < 0.5;
  const lateTag = outputTag<SimulatedEvent>("late");
  const expected = groupedBy(input.events, (one) => `${one.key} ${start(one.atMs, sizeMs)}`);
  return {
    name: `${branch}: growing window of ${sizeMs} ms, ${latenessMs} ms late`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build(sources) {
      const windows = input
        .build(sources)
        .keyBy(({ key }) => key)
        .window(tumbling(sizeMs))
        .allowedLateness(latenessMs)
        .lateTo(lateTag);
      const results = (
        isEarly ? windows.trigger(continuousTrigger(7, "event")) : windows
      ).aggregate(ids, (all, { key, startMs }) => ({
        branch,
        key: `${key} ${startMs}`,
        text: sorted(all),
      }));
      results.named(branch);
      const dropped = results.sideOutput(lateTag).map(({ key, atMs, id }) => {
        return { branch, key: `late ${key} ${start(atMs, sizeMs)}`, text: id };
      });
      return results.union(dropped);
    },
    check(lines, wasRescaled) {
      const found = groupedBy(lines, ({ key }) => key);
      for (const key of new Set([...expected.keys(), ...[...found.keys()].map(withoutLate)])) {
        const right = (expected.get(key) ?? []).map(({ id }) => id);
        const late = found.get(`late ${key}`) ?? [];
        const wrong = growsTo(found.get(key) ?? [], late, right, wasRescaled);
        if (wrong) return `${key}: ${wrong}`;
        if (!data.isLate && found.has(`late ${key}`)) return `${key}: late records, without delay`;
      }
      return undefined;
    },
  };
};

/**
 * With another number of subtasks, all go on from the least of their watermarks: a window that was over
 * in one may begin anew there, for records that would have been late.
 */
function growsTo(
  emitted: readonly Line[],
  late: readonly Line[],
  right: readonly string[],
  mayBeginAnew: boolean,
): string | undefined {
  let before: readonly string[] = [];
  for (const { text } of emitted) {
    const now = text.split(",");
    const gone = before.filter((id) => !now.includes(id));
    if (gone.length > 0 && !mayBeginAnew) return `${before.join()} became ${text}`;
    before = [...gone, ...now];
  }
  const all = sorted([...before, ...late.map(({ text }) => text)]);
  return all === sorted(right) ? undefined : `${all}, and should be ${sorted(right)}`;
}

function drawWindows(random: Random): Drawn {
  const sizeMs = pick(random, [10, 30, 100]);
  return pick<() => Drawn>(random, [
    () => ({
      text: `tumbling windows of ${sizeMs} ms`,
      assigner: tumbling(sizeMs),
      windows: (events) => naive(events, sizeMs, sizeMs),
    }),
    () => {
      const slideMs = pick(random, [10, 20, 50]);
      return {
        text: `sliding windows of ${sizeMs} ms, every ${slideMs} ms`,
        assigner: sliding(sizeMs, slideMs),
        windows: (events) => naive(events, sizeMs, slideMs),
      };
    },
    () => ({
      text: `sessions of ${sizeMs} ms`,
      assigner: session(sizeMs),
      windows: (events) => naiveSessions(events, sizeMs),
    }),
  ])();
}

function naive(
  events: readonly SimulatedEvent[],
  sizeMs: number,
  slideMs: number,
): readonly NaiveWindow[] {
  const windows: NaiveWindow[] = [];
  const lastMs = Math.max(...events.map(({ atMs }) => atMs));
  for (let startMs = start(-sizeMs, slideMs); startMs <= lastMs; startMs += slideMs) {
    const inside = events.filter(({ atMs }) => atMs >= startMs && atMs < startMs + sizeMs);
    if (inside.length > 0) windows.push({ startMs, events: inside });
  }
  return windows;
}

function naiveSessions(events: readonly SimulatedEvent[], gapMs: number): readonly NaiveWindow[] {
  const windows: { startMs: number; lastMs: number; events: SimulatedEvent[] }[] = [];
  for (const event of events.toSorted((one, other) => one.atMs - other.atMs)) {
    const last = windows.at(-1);
    if (last && event.atMs - last.lastMs <= gapMs) {
      last.events.push(event);
      last.lastMs = event.atMs;
    } else {
      windows.push({ startMs: event.atMs, lastMs: event.atMs, events: [event] });
    }
  }
  return windows;
}

const ids = {
  create: (): string[] => [],
  add: (all: string[], { id }: SimulatedEvent): string[] => {
    all.push(id);
    return all;
  },
  result: (all: string[]): readonly string[] => all,
  merge: (one: string[], other: string[]): string[] => [...one, ...other],
};

function sorted(texts: readonly string[]): string {
  return texts.toSorted().join();
}

function start(atMs: number, everyMs: number): number {
  return Math.floor(atMs / everyMs) * everyMs;
}

function withoutLate(key: string): string {
  return key.replace(/^late /, "");
}
