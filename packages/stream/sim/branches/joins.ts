import { integerBetween, pick } from "@quorate/runtime";
import { tumbling } from "../../src/index.ts";
import type { SimulatedEvent } from "../simulated-events.ts";
import type { Line } from "../transactional-log.ts";
import { type Answer, type BranchKind, groupedBy, sameBag } from "./branch.ts";
import { drawInput, MOST_COPIES } from "./input.ts";

/** Pairs of a key that are close in time. */
export const intervalJoin: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const left = drawInput(data, random, 1);
  const right = drawInput(data, random, 1);
  const fromMs = integerBetween(random, -20, 5);
  const toMs = fromMs + integerBetween(random, 0, 20);
  const answers = pairs(left.events, right.events, (one, other) => {
    return other.atMs >= one.atMs + fromMs && other.atMs <= one.atMs + toMs;
  });
  return {
    name: `${branch}: interval join from ${fromMs} to ${toMs} ms`,
    forgets: [branch],
    mostOfOneEvent: Infinity,
    build: (sources) =>
      left
        .build(sources)
        .keyBy(({ key }) => key)
        .intervalJoin(
          right.build(sources).keyBy(({ key }) => key),
          { fromMs, toMs },
          (one, other): Line => ({ branch, ...pairOf(one, other) }),
        )
        .named(branch),
    check: (lines) => sameBag(lines, answers),
  };
};

/** Pairs of a key that have a window in common. */
export const windowJoin: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const left = drawInput(data, random, 1);
  const right = drawInput(data, random, 1);
  const sizeMs = pick(random, [5, 20]);
  const windowOf = ({ atMs }: SimulatedEvent): number => Math.floor(atMs / sizeMs);
  const answers = pairs(left.events, right.events, (one, other) => {
    return windowOf(one) === windowOf(other);
  });
  return {
    name: `${branch}: join of windows of ${sizeMs} ms`,
    forgets: [branch],
    mostOfOneEvent: Infinity,
    build: (sources) =>
      left
        .build(sources)
        .keyBy(({ key }) => key)
        .join(right.build(sources).keyBy(({ key }) => key))
        .window(tumbling(sizeMs))
        .apply((one, other): Line => ({ branch, ...pairOf(one, other) }))
        .named(branch),
    check: (lines) => sameBag(lines, answers),
  };
};

/** Two sides with one state: each pair of a key, when its second record comes. */
export const connected: BranchKind = (branch, data, random) => {
  const left = drawInput(data, random, 1);
  const right = drawInput(data, random, 1);
  const answers = pairs(left.events, right.events, ({ atMs }, other) => atMs === other.atMs);
  return {
    name: `${branch}: connected streams`,
    forgets: [],
    mostOfOneEvent: Infinity,
    build: (sources) =>
      left
        .build(sources)
        .keyBy(({ key }) => key)
        .connect(right.build(sources).keyBy(({ key }) => key))
        .process<Line>((context) => {
          const lefts = context.state.list<SimulatedEvent>("lefts");
          const rights = context.state.list<SimulatedEvent>("rights");
          const emit = (one: SimulatedEvent, other: SimulatedEvent): void => {
            if (one.atMs === other.atMs) context.emit({ branch, ...pairOf(one, other) });
          };
          return {
            onLeft(event) {
              for (const other of rights.get()) emit(event, other);
              lefts.add(event);
            },
            onRight(event) {
              for (const other of lefts.get()) emit(other, event);
              rights.add(event);
            },
          };
        }),
    check: (lines) => sameBag(lines, answers),
  };
};

/** At the end of all event time, each key has heard of all rules. */
export const broadcast: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random, 1);
  const rules = drawInput(data, random, 1);
  const all = rules.events.map(({ id }) => id).toSorted();
  const answers: Answer[] = [];
  for (const [key, events] of groupedBy(input.events, (one) => one.key)) {
    answers.push({ key, text: `${events.length} with ${all.join()}` });
  }
  return {
    name: `${branch}: broadcast`,
    forgets: [],
    mostOfOneEvent: MOST_COPIES,
    build: (sources) =>
      input
        .build(sources)
        .keyBy(({ key }) => key)
        .connect(rules.build(sources).broadcast())
        .process<string, number, Line>((context, known) => {
          const count = context.state.value<number>("count");
          return {
            onRecord() {
              count.set((count.get() ?? 0) + 1);
              context.setTimer("event", AT_END_MS);
            },
            onBroadcast({ id, value }, _, state) {
              state.set(id, value);
            },
            onTimer() {
              const ids = [...known.keys()].toSorted().join();
              context.emit({ branch, key: context.key, text: `${count.get()} with ${ids}` });
            },
          };
        }),
    check: (lines) => sameBag(lines, answers),
  };
};

/** Later than all event time but its end. */
const AT_END_MS = 1e12;

function pairs(
  lefts: readonly SimulatedEvent[],
  rights: readonly SimulatedEvent[],
  belong: (left: SimulatedEvent, right: SimulatedEvent) => boolean,
): readonly Answer[] {
  return lefts.flatMap((left) =>
    rights
      .filter((right) => left.key === right.key && belong(left, right))
      .map((right) => pairOf(left, right)),
  );
}

function pairOf(left: SimulatedEvent, right: SimulatedEvent): Answer {
  return { key: left.key, text: `${left.id} and ${right.id}` };
}
