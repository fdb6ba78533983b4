import type { KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import {
  type KvClient,
  KvError,
  put,
  utf8,
  value,
  version,
  type WriteOutcome,
} from "../src/index.ts";

/** What a call told: `failed` surely did nothing. */
export type Told =
  | { readonly kind: "done"; readonly output?: KeyValueOutput }
  | { readonly kind: "failed" | "unknown" };

/**
 * Does by a client what a history says was asked for.
 *
 * @throws an error or a rejection that no fault explains.
 */
export async function perform(kv: KvClient, input: KeyValueInput): Promise<Told> {
  const { key } = input;
  switch (input.op) {
    case "get":
      return get(kv, key);
    case "put":
      return toldBy(await kv.put(key, input.value), () => undefined);
    case "delete":
      return toldBy(await kv.delete(key), ({ deleted }) => deleted === 1);
    case "compareAndSet": {
      const { expected, update } = input.value;
      const compare = expected === null ? version(key, "=", 0) : value(key, "=", expected);
      const change = { compares: [compare], success: [put(key, update)], failure: [] };
      return toldBy(await kv.transaction(change), ({ succeeded }) => succeeded);
    }
    case "append":
      throw new Error("the store cannot append"); // never drawn
  }
}

/** Keeps what an operation told of its key: compare-and-sets expect what was seen last. */
export function learn(seen: Map<string, string | null>, input: KeyValueInput, told: Told): void {
  if (told.kind !== "done") return;
  if (input.op === "get") seen.set(input.key, told.output as string | null);
  if (input.op === "put") seen.set(input.key, input.value);
  if (input.op === "delete") seen.set(input.key, null);
  if (input.op === "compareAndSet" && told.output === true) seen.set(input.key, input.value.update);
}

async function get(kv: KvClient, key: string): Promise<Told> {
  try {
    const found = await kv.get(key);
    return { kind: "done", output: found ? utf8(found.value) : null };
  } catch (error) {
    if (error instanceof KvError && error.code === "unavailable") return { kind: "failed" };
    throw error;
  }
}

function toldBy<R>(outcome: WriteOutcome<R>, output: (result: R) => boolean | undefined): Told {
  if (outcome.kind === "unknown") return { kind: "unknown" };
  if (outcome.kind === "rejected") {
    if (outcome.reason === "unavailable" || outcome.reason === "overloaded") {
      return { kind: "failed" };
    }
    throw new Error(`a write was rejected: ${outcome.reason}`);
  }
  const result = output(outcome.result);
  return result === undefined ? { kind: "done" } : { kind: "done", output: result };
}
