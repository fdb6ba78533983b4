import { pick } from "@quorate/runtime";
import { outputTag } from "../../src/index.ts";
import type { SimulatedEvent } from "../simulated-events.ts";
import type { Line } from "../transactional-log.ts";
import { type Answer, type BranchKind, groupedBy, sameBag, sameSequences } from "./branch.ts";
import { drawInput, MOST_COPIES } from "./input.ts";

/** Later than all event time but its end. */
const AT_END_MS = 1e12;

/** Windows made by hand of a map state and timers; some records go to a side output, too. */
export const buckets: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const input = drawInput(data, random);
  const sizeMs = pick(random, [10, 30]);
  const side = outputTag<string>("side");
  const lastOf = (atMs: number): number => (Math.floor(atMs / sizeMs) + 1) * sizeMs - 1;
  const isSide = ({ value }: SimulatedEvent): boolean => value % 3 === 0;
  const answers: Answer[] = input.events
    .filter(isSide)
    .map(({ id }) => ({ key: "side", text: id }));
  for (const [key, events] of groupedBy(input.events, (one) => `${one.key} ${lastOf(one.atMs)}`)) {
    const ids = events.map(({ id }) => id).toSorted();
    answers.push({ key, text: `${ids.join()} ${ids.length}` });
  }
  return {
    name: `${branch}: buckets by hand`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build(sources, site) {
      const results = input
        .build(sources)
        .keyBy(({ key }) => key)
        .process<Line>((context) => {
          const byBucket = context.state.map<number, string[]>("by bucket");
          const counts = context.state.map<number, number>("counts");
          return {
            onRecord(event, atMs) {
              const bucket = lastOf(atMs);
              byBucket.set(bucket, [...(byBucket.get(bucket) ?? []), event.id]);
              counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
              context.setTimer("event", bucket);
              if (isSide(event)) context.sideOutput(side, event.id);
            },
            onTimer(timeMs) {
              site.firedTimer();
              const ids = (byBucket.get(timeMs) ?? []).toSorted().join();
              const key = `${context.key} ${timeMs}`;
              context.emit({ branch, key, text: `${ids} ${counts.get(timeMs)}` });
              byBucket.delete(timeMs);
              counts.delete(timeMs);
            },
          };
        })
        .named(branch);
      const others = results.sideOutput(side).map((id) => ({ branch, key: "side", text: id }));
      return results.union(others);
    },
    check: (lines) => sameBag(lines, answers),
  };
};

/** Timers of several keys that are always in one subtask: those of one time in the order of setting. */
export const timersInOrder: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const input = drawInput(data, random);
  const everyMs = pick(random, [20, 50, 200]);
  const timeOf = (atMs: number): number => (Math.floor(atMs / everyMs) + 1) * everyMs;
  const answers: Answer[] = [];
  for (const [split, events] of groupedBy(input.events, (one) => one.split)) {
    const set = new Map<string, number>();
    for (const { bundled, atMs } of events) {
      const name = `${bundled} at ${timeOf(atMs)}`;
      if (!set.has(name)) set.set(name, timeOf(atMs));
    }
    // The sort is stable: those of one time stay in their order.
    const inOrder = [...set].toSorted(([, one], [, other]) => one - other);
    inOrder.forEach(([name], at) => answers.push({ key: split, text: `${at + 1}. ${name}` }));
  }
  return {
    name: `${branch}: timers in order`,
    forgets: [],
    mostOfOneEvent: MOST_COPIES,
    build: (sources, site) =>
      input
        .build(sources)
        .keyBy(({ bundled }) => bundled)
        .process<Answer>((context) => {
          const split = context.state.value<string>("split");
          return {
            onRecord(event, atMs) {
              split.set(event.split);
              context.setTimer("event", timeOf(atMs));
            },
            onTimer(timeMs) {
              site.firedTimer();
              context.emit({ key: split.get() ?? "", text: `${context.key} at ${timeMs}` });
            },
          };
        })
        .keyBy(({ key }) => key)
        .process<Line>((context) => {
          const count = context.state.value<number>("count");
          return {
            onRecord({ key, text }) {
              count.set((count.get() ?? 0) + 1);
              context.emit({ branch, key, text: `${count.get()}. ${text}` });
            },
          };
        }),
    check: (lines) => sameSequences(lines, answers),
  };
};

/** Gathers what comes, and lets go of it by the clock: when is open, each record once is not. */
export const letGoByClock: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const everyMs = pick(random, [5, 50]);
  const answers = input.events.map(({ own, id }) => ({ key: own, text: id }));
  return {
    name: `${branch}: let go by the clock`,
    forgets: [],
    mostOfOneEvent: Infinity,
    build: (sources, site) =>
      input
        .build(sources)
        .keyBy(({ own }) => own)
        .process<Line>((context) => {
          const waiting = context.state.list<string>("waiting");
          return {
            onRecord({ id }) {
              waiting.add(id);
              context.setTimer("processing", context.processingTimeMs + everyMs);
              context.setTimer("event", AT_END_MS);
            },
            onTimer() {
              site.firedTimer();
              for (const id of waiting.get()) context.emit({ branch, key: context.key, text: id });
              waiting.clear();
            },
          };
        }),
    check: (lines) => sameSequences(lines, answers),
  };
};

/** A state that is forgotten: there until then, and never after. */
export const forgetting: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const ttlMs = pick(random, [5, 40, 200]);
  const answers = input.events.map(({ own, id }) => ({ key: own, text: id }));
  const before = new Map<string, { readonly id: string; readonly expiresAtMs: number }>();
  for (const events of groupedBy(input.events, ({ own }) => own).values()) {
    // One that is written later with an earlier time does not shorten it.
    let expiresAtMs = -Infinity;
    events.forEach(({ id, atMs }, at) => {
      expiresAtMs = Math.max(expiresAtMs, atMs + ttlMs);
      const next = events[at + 1];
      if (next) before.set(next.id, { id, expiresAtMs });
    });
  }
  return {
    name: `${branch}: forgotten after ${ttlMs} ms`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build: (sources, site) =>
      input
        .build(sources)
        .keyBy(({ own }) => own)
        .process<Line>((context) => {
          const last = context.state.value<string>("last", { ttlMs, domain: "event" });
          return {
            onRecord({ own, id }) {
              const one = before.get(id);
              const isGone = !one || one.expiresAtMs <= context.watermarkMs;
              const found = last.get();
              if (found !== (isGone ? undefined : one.id)) {
                site.fail(new Error(`${branch}: before ${id} there is ${found}`));
              }
              last.set(id);
              context.emit({ branch, key: own, text: id });
            },
          };
        })
        .named(branch),
    check: (lines) => sameSequences(lines, answers),
  };
};
