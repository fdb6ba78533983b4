import {
  checkEffects,
  checkLinearizability,
  type History,
  type KeyValueInput,
  keyValueModel,
  type KeyValueOutput,
} from "@quorate/simulation/checker";
import {
  type KeyRange,
  type KvClient,
  KvError,
  type RangeResult,
  utf8,
  withPrefix,
} from "../src/index.ts";
import { SHARED_PREFIX } from "./key-ring.ts";
import { type Inserted, ONCE_PREFIX } from "./kv-user.ts";

type KvHistory = History<KeyValueInput, KeyValueOutput>;

/** Steps of the search: some seconds, which no history with so few unknown writes a key needs. */
const MAX_STEPS = 20_000_000;

/**
 * Reads all that is there, and adds a get of each shared key to the history. Returns the keys that
 * were to be written once, each as often as it was written.
 */
export async function readFinalState(kv: KvClient, history: KvHistory): Promise<string[]> {
  const shared = new Set(
    history.operations.flatMap(({ input: { key } }) => (key.startsWith(SHARED_PREFIX) ? key : [])),
  );
  const gets = [...shared].map((key, at) => ({
    key,
    handle: history.invoke(`final.${at}`, { op: "get", key }),
  }));
  const { kvs } = await readPatiently(kv, withPrefix(SHARED_PREFIX));
  const found = new Map(kvs.map(({ key, value }) => [utf8(key), utf8(value)]));
  for (const { key, handle } of gets) history.complete(handle, found.get(key) ?? null);
  const inserted = await readPatiently(kv, withPrefix(ONCE_PREFIX));
  return inserted.kvs.flatMap(({ key, version }) => Array<string>(version).fill(utf8(key)));
}

/**
 * Returns how many inserts of unknown outcome were done.
 *
 * @throws where no order of the operations explains what users were told, or an effect is lost or
 *   came twice.
 */
export function checkFinalState(
  history: KvHistory,
  inserted: Inserted,
  found: readonly string[],
): number {
  const { done: acknowledged, failed: rejected, unknown } = inserted;
  const { ok, unknownDone, ...wrong } = checkEffects({ acknowledged, rejected, unknown, found });
  if (!ok) throw new Error(`inserts went wrong: ${JSON.stringify(wrong)}`);
  const shared = history.operations.filter(({ input }) => input.key.startsWith(SHARED_PREFIX));
  const result = checkLinearizability(shared, keyValueModel(), { maxSteps: MAX_STEPS });
  if (result.kind === "linearizable") return unknownDone;
  const why =
    result.kind === "violation"
      ? `of ${result.operations} operations on ${result.partition} these cannot be in any order:\n` +
        result.subHistory.map((operation) => JSON.stringify(operation)).join("\n")
      : `${result.partition} is undecided: ${result.reason}`;
  throw new Error(`not linearizable: ${why}`);
}

/** As often as it takes: how long the store may take to serve again is for the target to bound. */
export async function readPatiently(kv: KvClient, keys: KeyRange): Promise<RangeResult> {
  for (;;) {
    try {
      return await kv.range(keys);
    } catch (error) {
      if (!(error instanceof KvError && error.code === "unavailable")) throw error;
    }
  }
}
