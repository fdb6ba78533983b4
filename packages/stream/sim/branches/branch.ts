import type { Clock, Random } from "@quorate/runtime";
import type { DataStream } from "../../src/data-stream.ts";
import type { SimulatedData, SimulatedEvent } from "../simulated-events.ts";
import type { Line } from "../transactional-log.ts";

/** What branches are told of the process that they are built in. */
export interface Site {
  /** Something is wrong that only the operator can see. */
  readonly fail: (error: Error) => void;
  readonly firedTimer: () => void;
  readonly clock: Clock;
  /** How long a call takes. */
  readonly callMs: () => number;
  /** Whether a function of the user's throws now. */
  readonly throws: () => boolean;
}

/** A part of a pipeline from the sources to a sink, and what must come out of it. */
export interface Branch {
  readonly name: string;
  /** Operators that have no state left once all event time has come. */
  readonly forgets: readonly string[];
  /** Records that one event may become before anything can be held. */
  readonly mostOfOneEvent: number;
  /** `sources`: by their numbers. */
  build(sources: readonly DataStream<SimulatedEvent>[], site: Site): DataStream<Line>;
  /** What is wrong with all lines of the branch, in the order of their commits; undefined: nothing. */
  check(lines: readonly Line[], wasRescaled: boolean): string | undefined;
}

/** Draws a branch of one kind; undefined if that kind has no sure answer for such data. */
export type BranchKind = (name: string, data: SimulatedData, random: Random) => Branch | undefined;

export interface Answer {
  readonly key: string;
  readonly text: string;
}

/** Each answer once, in any order. */
export function sameBag(lines: readonly Line[], answers: readonly Answer[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { key, text } of answers) add(counts, `${key}: ${text}`, 1);
  for (const { key, text } of lines) add(counts, `${key}: ${text}`, -1);
  for (const [text, left] of counts) {
    if (left > 0) return `${text}: ${left} too few`;
    if (left < 0) return `${text}: ${-left} too many`;
  }
  return undefined;
}

/** Each answer once, those of one key in their order. */
export function sameSequences(
  lines: readonly Line[],
  answers: readonly Answer[],
): string | undefined {
  const found = textsByKey(lines);
  const expected = textsByKey(answers);
  for (const key of new Set([...found.keys(), ...expected.keys()])) {
    const texts = (found.get(key) ?? []).join(" ");
    const right = (expected.get(key) ?? []).join(" ");
    if (texts !== right) return `${key} is ${texts}, and should be ${right}`;
  }
  return undefined;
}

export function groupedBy<T>(values: readonly T[], of: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(of(value));
    if (group) group.push(value);
    else groups.set(of(value), [value]);
  }
  return groups;
}

function textsByKey(answers: readonly Answer[]): Map<string, readonly string[]> {
  const groups = groupedBy(answers, ({ key }) => key);
  return new Map([...groups].map(([key, same]) => [key, same.map(({ text }) => text)]));
}

function add(counts: Map<string, number>, text: string, by: number): void {
  counts.set(text, (counts.get(text) ?? 0) + by);
}
