import { type Random, seededRandom } from "@quorate/runtime";
import type { Scenario, ServerPlan, SpeedChange } from "./scenario.ts";

const SERVERS = 40;
const CLIENTS = 20;
const MEAN_SERVICE_MS = 8;
const DURATION_MS = 20_000;
const WARM_UP_MS = 5_000;
const PAUSE_MS = 500;
const MEAN_TIME_BETWEEN_PAUSES_MS = 60_000;
const FAST_FAILURE_MS = 0.5;
const TIMEOUT_MS = 250;

/** A scenario for a seed. */
export type MakeScenario = (seed: number) => Scenario;

/**
 * The first eight are those by which the default was chosen; the black holes came later. What is
 * random in them depends on the seed only.
 */
export const SCENARIOS: readonly [MakeScenario, ...MakeScenario[]] = [
  homogeneous,
  heterogeneous,
  pauses,
  oneSlow,
  oneFailsFast,
  rollingRestart,
  coldStart,
  zoneOutage,
  blackHole,
  zoneBlackHole,
];

/** All alike, at 90 %: nothing to learn, and little room. */
function homogeneous(): Scenario {
  return scenario(
    "homogeneous at 90 %",
    0.9,
    fleet(() => ({ speed: 1 })),
  );
}

/** Half of the servers twice as fast as the others, at 60 % of what all can do. */
function heterogeneous(): Scenario {
  return scenario(
    "heterogeneous 2:1",
    0.6,
    fleet((at) => ({ speed: at % 2 === 0 ? 4 / 3 : 2 / 3 })),
  );
}

/** Each server stands still for half a second once a minute on average, at 70 %. */
function pauses(seed: number): Scenario {
  const random = seededRandom(seed).fork("pauses");
  const servers = fleet(() => ({ speed: 1, changes: pausesOf(random) }));
  return scenario("500-ms pauses", 0.7, servers);
}

/** One server 16 times as slow as the others, from the start, at 70 %. */
function oneSlow(): Scenario {
  return scenario(
    "one server 16 × slower",
    0.7,
    fleet((at) => ({ speed: at === 0 ? 1 / 16 : 1 })),
  );
}

/** One server answers every request at once, with an error, at 70 %. */
function oneFailsFast(): Scenario {
  const failures = [{ fromMs: 0, untilMs: Infinity, afterMs: FAST_FAILURE_MS }];
  const servers = fleet((at) => ({ speed: 1, ...(at === 0 && { failures }) }));
  return scenario("one server fails fast", 0.7, servers);
}

/** One after the other is gone for half a second, and slow for another: half as fast. At 60 %. */
function rollingRestart(): Scenario {
  const servers = fleet((at) => {
    const fromMs = WARM_UP_MS + (at * (DURATION_MS - WARM_UP_MS)) / SERVERS;
    const untilMs = fromMs + 500;
    return {
      speed: 1,
      changes: [
        { fromMs: untilMs, speed: 0.5 },
        { fromMs: untilMs + 500, speed: 1 },
      ],
      failures: [{ fromMs, untilMs, afterMs: FAST_FAILURE_MS }],
    };
  });
  return scenario("rolling restart", 0.6, servers);
}

/**
 * Clients that know nothing yet, counted from their first request, and a quarter of the servers cold:
 * a quarter as fast at first, warm after five seconds. At 60 %.
 */
function coldStart(): Scenario {
  const warming = [1, 2, 3, 4, 5].map((second) => ({
    fromMs: second * 1_000,
    speed: 0.25 + 0.15 * second,
  }));
  const servers = fleet((at) => (at % 4 === 0 ? { speed: 0.25, changes: warming } : { speed: 1 }));
  return { ...scenario("cold start", 0.6, servers), warmUpMs: 0, durationMs: DURATION_MS / 2 };
}

/** A quarter of the servers is gone after half of the time: connections are refused. At 60 %. */
function zoneOutage(): Scenario {
  return scenario("zone outage", 0.6, failing(FAST_FAILURE_MS, 4));
}

/** One server accepts and never answers any more after half of the time. At 70 %. */
function blackHole(): Scenario {
  return scenario("one black hole", 0.7, failing(TIMEOUT_MS, SERVERS));
}

/** A quarter of the servers does. At 60 %. */
function zoneBlackHole(): Scenario {
  return scenario("zone of black holes", 0.6, failing(TIMEOUT_MS, 4));
}

/** Each `every`th server fails from half of the time on. */
function failing(afterMs: number, every: number): readonly ServerPlan[] {
  const failures = [{ fromMs: DURATION_MS / 2, untilMs: Infinity, afterMs }];
  return fleet((at) => ({ speed: 1, ...(at % every === 0 && { failures }) }));
}

function fleet(plan: (at: number) => ServerPlan): readonly ServerPlan[] {
  return Array.from({ length: SERVERS }, (_, at) => plan(at));
}

function scenario(name: string, load: number, servers: readonly ServerPlan[]): Scenario {
  return {
    name,
    clients: CLIENTS,
    servers,
    meanServiceMs: MEAN_SERVICE_MS,
    requestsPerSecond: (load * SERVERS * 1_000) / MEAN_SERVICE_MS,
    durationMs: DURATION_MS,
    warmUpMs: WARM_UP_MS,
  };
}

function pausesOf(random: Random): readonly SpeedChange[] {
  const changes: SpeedChange[] = [];
  for (let atMs = 0; ; atMs += PAUSE_MS) {
    atMs += -Math.log(1 - random.next()) * MEAN_TIME_BETWEEN_PAUSES_MS;
    if (atMs > DURATION_MS) return changes;
    changes.push({ fromMs: atMs, speed: 0 }, { fromMs: atMs + PAUSE_MS, speed: 1 });
  }
}
