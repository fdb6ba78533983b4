import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { SimulatedData } from "../simulated-events.ts";
import { asyncCalls, windowsOfCalls } from "./async-calls.ts";
import type { Branch, BranchKind } from "./branch.ts";
import { broadcast, connected, intervalJoin, windowJoin } from "./joins.ts";
import { buckets, forgetting, letGoByClock, timersInOrder } from "./processes.ts";
import { countWindow, rollingCount, rollingSum } from "./rolling.ts";
import { growingWindow, window, windowOfWindows } from "./windows.ts";

const KINDS: readonly BranchKind[] = [
  rollingCount,
  rollingSum,
  countWindow,
  window,
  window,
  windowOfWindows,
  growingWindow,
  buckets,
  timersInOrder,
  letGoByClock,
  forgetting,
  intervalJoin,
  windowJoin,
  connected,
  broadcast,
  asyncCalls,
  windowsOfCalls,
];

export function drawBranches(data: SimulatedData, random: Random): readonly Branch[] {
  return Array.from({ length: integerBetween(random, 1, 4) }, (_, number) => {
    const own = random.fork(`branch ${number}`);
    for (;;) {
      const branch = pick(own, KINDS)(`b${number}`, data, own);
      if (branch) return branch;
    }
  });
}
