/** Prints how many bytes a pick and its end allocate, by policy: of all policies in one process. */
import { seededRandom } from "@quorate/runtime";
import { BalancerCore } from "../src/core/balancer-core.ts";
import { POLICY_NAMES } from "../src/core/policy-options.ts";

const ENDPOINTS = 100;
/** In a round: few, so that V8 compiles the function as a whole, and not as a loop that runs already. */
const PICKS = 1_000;
const WARM_UP_ROUNDS = 600;
const ROUNDS = 100;
const IN_FLIGHT = 64;

const endpoints = Array.from({ length: ENDPOINTS }, (_, at) => ({
  id: `endpoint-${at}`,
  host: "10.0.0.1",
  port: at,
  weight: 1 + (at % 3),
}));
const contexts = Array.from({ length: 1_024 }, (_, at) => ({ hashKey: `session:${at}` }));
function run(core: BalancerCore, open: Int32Array, round: number): void {
  const { policy } = core;
  for (let pick = 0; pick < PICKS; pick++) {
    // Whole: V8 may box the fractions of a clock anew for each call that it does not inline.
    const nowMs = round * 10 + Math.floor(pick / 100);
    const at = pick % IN_FLIGHT;
    const ended = open[at] as number;
    if (ended >= 0) {
      core.finish(ended, nowMs, 5 + (pick % 7), pick % 500 === 0 ? "failure" : "success", false);
    }
    open[at] = core.pick(nowMs, contexts[pick % 1_024]);
    if (policy.nextProbe === undefined) continue;
    for (let slot = policy.nextProbe(nowMs); slot >= 0; slot = policy.nextProbe(nowMs)) {
      policy.probed?.(slot, nowMs, slot % 5, 5 + (slot % 3));
    }
  }
}

const bytes: Record<string, number> = {};
for (const kind of POLICY_NAMES) {
  const core = new BalancerCore({ policy: { kind } }, seededRandom(1), () => undefined, 0);
  core.update(endpoints, 0);
  const open = new Int32Array(IN_FLIGHT).fill(-1);
  // Until the optimising compiler is done.
  for (let round = 0; round < WARM_UP_ROUNDS; round++) run(core, open, round);
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < ROUNDS; round++) run(core, open, WARM_UP_ROUNDS + round);
  bytes[kind] = (process.memoryUsage().heapUsed - before) / (ROUNDS * PICKS);
}
console.log(JSON.stringify(bytes));
