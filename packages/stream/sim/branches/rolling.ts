import { integerBetween } from "@quorate/runtime";
import type { SimulatedEvent } from "../simulated-events.ts";
import { type Answer, type BranchKind, groupedBy, sameBag, sameSequences } from "./branch.ts";
import { drawInput, MOST_COPIES } from "./input.ts";

const count = {
  create: () => 0,
  add: (before: number): number => before + 1,
  result: (value: number) => value,
};

/** Each number from 1 on once, whatever the order. */
export const rollingCount: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const groups = groupedBy(input.events, ({ key }) => key);
  const answers = [...groups].flatMap(([key, events]): Answer[] =>
    events.map((_, at) => ({ key, text: `${at + 1}` })),
  );
  return {
    name: `${branch}: rolling count`,
    forgets: [],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ key }) => key)
        .aggregate(count, (value, key) => ({ branch, key, text: `${value}` })),
    check: (lines) => sameBag(lines, answers),
  };
};

/** Sums so far, in the order of the split. */
export const rollingSum: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const answers: Answer[] = [];
  for (const [key, events] of groupedBy(input.events, ({ own }) => own)) {
    let sum = 0;
    for (const { value } of events) answers.push({ key, text: `${(sum += value)}` });
  }
  return {
    name: `${branch}: rolling sum`,
    forgets: [],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ own }) => own)
        .reduce((before, event) => ({ ...event, value: before.value + event.value }))
        .map(({ own, value }) => ({ branch, key: own, text: `${value}` })),
    check: (lines) => sameSequences(lines, answers),
  };
};

/** So many records of a key at a time, in the order of the split. */
export const countWindow: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const size = integerBetween(random, 1, 4);
  const answers: Answer[] = [];
  for (const [key, events] of groupedBy(input.events, ({ own }) => own)) {
    for (let at = size; at <= events.length; at += size) {
      answers.push({ key, text: idsOf(events.slice(at - size, at)) });
    }
  }
  return {
    name: `${branch}: count window of ${size}`,
    forgets: [],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ own }) => own)
        .countWindow(size)
        .aggregate(gathered, (ids, { key }) => ({ branch, key, text: ids.join() })),
    check: (lines) => sameSequences(lines, answers),
  };
};

/** All that came, in its order. */
const gathered = {
  create: (): string[] => [],
  add: (ids: string[], { id }: SimulatedEvent): string[] => {
    ids.push(id);
    return ids;
  },
  result: (ids: string[]): readonly string[] => ids,
};

function idsOf(events: readonly SimulatedEvent[]): string {
  return events.map(({ id }) => id).join();
}
