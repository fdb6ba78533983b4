import { performance } from "node:perf_hooks";
import { type Bench, defineBench, measured } from "@quorate/bench";
import { integerBetween, type Random, seededRandom } from "@quorate/runtime";
import {
  checkLinearizability,
  formatHistory,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
  type Operation,
  parseHistory,
} from "../src/checker/index.ts";

const CLIENTS = 10;
const GOAL_MS = 500;

type KeyValueOperation = Operation<KeyValueInput, KeyValueOutput>;

const bench: Bench = defineBench(async (options) => {
  const count = options.quick ? 10_000 : 100_000;
  const healthy = recorded(count, 200, 0);
  const shaken = recorded(count, 200, 0.005);
  const violating = withStaleRead(healthy);
  const oneKey = recorded(count / 10, 1, 0);
  const text = formatHistory(healthy);
  return [
    await measured(options, {
      case: `check of ${count} operations over 200 keys`,
      unit: "ms",
      ours: async () => timed(() => expectKind(healthy, "linearizable")),
      goal: ({ ours }) => ({ goal: GOAL_MS, met: ours <= GOAL_MS }),
    }),
    await measured(options, {
      case: `check of ${count} operations over 200 keys, 0.5 % of unknown outcome`,
      unit: "ms",
      ours: async () => timed(() => expectKind(shaken, "linearizable")),
      goal: ({ ours }) => ({ goal: GOAL_MS, met: ours <= GOAL_MS }),
    }),
    await measured(options, {
      case: `check of ${count} operations over 200 keys, one stale read found and made small`,
      unit: "ms",
      ours: async () => timed(() => expectKind(violating, "violation")),
    }),
    await measured(options, {
      case: `check of ${count / 10} operations on one key`,
      unit: "ms",
      ours: async () => timed(() => expectKind(oneKey, "linearizable")),
    }),
    await measured(options, {
      case: `reading ${count} operations from JSON lines`,
      unit: "ms",
      ours: async () => timed(() => void parseHistory(text)),
      peers: {
        "bare JSON.parse of each line": async () =>
          timed(() => text.split("\n").forEach((line) => line && void JSON.parse(line))),
      },
    }),
  ];
});

function timed(work: () => void): { value: number } {
  const startedAt = performance.now();
  work();
  return { value: performance.now() - startedAt };
}

function expectKind(operations: readonly KeyValueOperation[], kind: string): void {
  const result = checkLinearizability(operations, keyValueModel());
  if (result.kind !== kind) throw new Error(`${result.kind} and not ${kind}`);
}

/**
 * What clients of a linearizable store would record, each busy with one operation after another:
 * they take effect at random points within their intervals. A share of them never returns.
 */
function recorded(count: number, keys: number, unknownShare: number): KeyValueOperation[] {
  const random = seededRandom(`checker ${count} ${keys} ${unknownShare}`);
  const intervals = Array.from({ length: count }, (_, at) => {
    const call = Math.floor(at / CLIENTS) * 10 + random.next() * 9;
    const takesEffect = call + random.next() * 5;
    const isUnknown = random.next() < unknownShare;
    const returned = isUnknown ? null : takesEffect + random.next() * 5;
    return { client: `client ${at % CLIENTS}`, call, takesEffect, return: returned };
  });
  intervals.sort((a, b) => a.takesEffect - b.takesEffect);
  const store = new Map<string, string>();
  const operations = intervals.map(({ client, call, return: returned }, at) => {
    const input = randomInput(random, `key ${integerBetween(random, 1, keys)}`, at);
    const output = apply(store, input);
    return { client, input, ...(returned !== null && { output }), call, return: returned };
  });
  return operations.sort((a, b) => a.call - b.call);
}

function randomInput(random: Random, key: string, at: number): KeyValueInput {
  const draw = random.next();
  if (draw < 0.5) return { op: "get", key };
  if (draw < 0.9) return { op: "put", key, value: `value ${at}` };
  return { op: "delete", key };
}

function apply(store: Map<string, string>, input: KeyValueInput): KeyValueOutput {
  if (input.op === "put") store.set(input.key, input.value);
  else if (input.op === "delete") return store.delete(input.key);
  return store.get(input.key) ?? null;
}

/** The last read of one key sees what its first write wrote, long overwritten. */
function withStaleRead(operations: readonly KeyValueOperation[]): KeyValueOperation[] {
  const isOnKey = ({ input }: KeyValueOperation): boolean => input.key === "key 100";
  const at = operations.findLastIndex((each) => isOnKey(each) && each.input.op === "get");
  const first = operations.find((each) => isOnKey(each) && each.input.op === "put")?.input;
  if (first?.op !== "put") throw new Error("no write of the key");
  return operations.with(at, { ...(operations[at] as KeyValueOperation), output: first.value });
}

export default bench;
