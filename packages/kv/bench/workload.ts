import { performance } from "node:perf_hooks";
import type { Sample } from "@quorate/bench";
import { seededRandom } from "@quorate/runtime";
import { encodeCommand, KvStateMachine, put } from "../src/index.ts";

export const VALUE_BYTES = 256;
const BATCH = 100;

/** Keys of about 20 bytes, in no order. */
export function keysOf(count: number): string[] {
  const random = seededRandom("keys");
  const draw = (): string => Math.floor(random.next() * 36 ** 6).toString(36);
  return Array.from({ length: count }, (_, at) => `order/${draw().padStart(6, "0")}/${at}`);
}

export function batches(
  commands: readonly Uint8Array[],
): { index: number; command: Uint8Array }[][] {
  const entries = commands.map((command, at) => ({ index: at + 1, command }));
  const many: (typeof entries)[] = [];
  for (let at = 0; at < entries.length; at += BATCH) many.push(entries.slice(at, at + BATCH));
  return many;
}

export function filled(keys: readonly string[]): KvStateMachine {
  const machine = new KvStateMachine();
  const commands = keys.map((key) => encodeCommand(put(key, Buffer.alloc(VALUE_BYTES, key))));
  for (const batch of batches(commands)) machine.apply(batch);
  return machine;
}

/** How many of `count` things a second `run` does. */
export function perSecond(count: number, run: () => void): Sample {
  const startedAt = performance.now();
  run();
  return { value: (count * 1_000) / (performance.now() - startedAt) };
}
