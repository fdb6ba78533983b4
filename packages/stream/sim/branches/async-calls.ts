import { pause, pick } from "@quorate/runtime";
import { tumbling } from "../../src/index.ts";
import type { Line } from "../transactional-log.ts";
import { type BranchKind, sameBag, sameSequences } from "./branch.ts";
import { drawInput, MOST_COPIES } from "./input.ts";

/**
 * Calls that take their time, and fail now and then; with `ordered`, in the order of the split. What is
 * under way at a checkpoint may go on in another subtask than its split, if their number changes.
 */
export const asyncCalls: BranchKind = (branch, data, random) => {
  const input = drawInput(data, random);
  const order = pick(random, ["ordered", "unordered"] as const);
  const maxInFlight = pick(random, [1, 3, 20]);
  const maxRetries = pick(random, [0, 2]);
  const answers = input.events.map(({ id, split, own }) => ({ key: split, text: `${own} ${id}` }));
  return {
    name: `${branch}: ${order} calls, ${maxInFlight} at a time`,
    forgets: [],
    mostOfOneEvent: Infinity,
    build: (sources, site) =>
      input.build(sources).asyncMap<Line>(
        async ({ id, split, own }) => {
          await pause(site.clock, site.callMs(), []);
          if (site.throws()) throw new Error(`the call for ${id} failed`);
          return { branch, key: split, text: `${own} ${id}` };
        },
        { order, maxInFlight, maxRetries },
      ),
    check: (lines, wasRescaled) =>
      order === "ordered" && !wasRescaled ? sameSequences(lines, answers) : sameBag(lines, answers),
  };
};

/** A stage behind the calls: what waited for them reaches its window. */
export const windowsOfCalls: BranchKind = (branch, data, random) => {
  if (data.isLate) return undefined;
  const input = drawInput(data, random);
  const order = pick(random, ["ordered", "unordered"] as const);
  const sizeMs = pick(random, [10, 40]);
  const start = (atMs: number): number => Math.floor(atMs / sizeMs) * sizeMs;
  const counts = new Map<string, number>();
  for (const { key, atMs, value } of input.events) {
    const name = `${key} ${start(atMs)}`;
    counts.set(name, (counts.get(name) ?? 0) + value);
  }
  const answers = [...counts].map(([key, sum]) => ({ key, text: `${sum}` }));
  return {
    name: `${branch}: windows of ${order} calls`,
    forgets: [branch],
    mostOfOneEvent: MOST_COPIES,
    build: (sources, site) =>
      input
        .build(sources)
        .asyncMap(
          async (event) => {
            await pause(site.clock, site.callMs(), []);
            return event;
          },
          { order, maxInFlight: 4 },
        )
        .keyBy(({ key }) => key)
        .window(tumbling(sizeMs))
        .aggregate(
          {
            create: () => 0,
            add: (sum: number, { value }) => sum + value,
            result: (sum: number) => sum,
          },
          (sum, { key, startMs }) => ({ branch, key: `${key} ${startMs}`, text: `${sum}` }),
        )
        .named(branch),
    check: (lines) => sameBag(lines, answers),
  };
};
