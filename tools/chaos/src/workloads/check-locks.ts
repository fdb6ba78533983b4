import {
  checkLinearizability,
  type CheckResult,
  type MutexInput,
  mutexModel,
  type MutexOutput,
  type Operation,
} from "@quorate/simulation/checker";
import { type AskedWrite, checkWatched } from "./check-watched.ts";
import { GUARDED_PREFIX, parsedWrite } from "./fenced-write.ts";
import type { ToldPut } from "./prefix-watcher.ts";

/** What is known of locks in the end. */
export interface LockEvidence {
  readonly operations: readonly Operation<MutexInput, MutexOutput>[];
  /** Writes under locks, all but those that were refused. */
  readonly asked: readonly AskedWrite[];
  /** Those that were accepted, as the store has them. */
  readonly told: readonly ToldPut[];
}

export interface LockCheck {
  readonly check: CheckResult<MutexInput, MutexOutput>;
  readonly violations: readonly string[];
}

/**
 * Whether nobody held a lock beside another, tokens grew, and no write was accepted under an older token than
 * one before it: by what clients saw, and by what is written.
 */
export function checkLocks({ operations, asked, told }: LockEvidence): LockCheck {
  const check = checkLinearizability(operations, mutexModel());
  const violations: string[] = [];
  if (check.kind === "violation") {
    const { input } = check.unplaced;
    violations.push(`${check.partition}: nothing explains ${JSON.stringify(input)}`);
  }
  violations.push(...checkTokens(told));
  const named = told.map(({ value, revision }) => ({ name: parsedWrite(value).text, revision }));
  violations.push(...checkWatched(asked, named));
  return { check, violations };
}

/** In the order in which they were accepted. */
function checkTokens(told: readonly ToldPut[]): string[] {
  const newest = new Map<string, bigint>();
  const violations: string[] = [];
  for (const { key, value } of told) {
    const lock = key.slice(GUARDED_PREFIX.length);
    const { token, text } = parsedWrite(value);
    const before = newest.get(lock) ?? 0n;
    if (token < before) violations.push(`${lock}: ${text} of token ${token} came after ${before}`);
    else newest.set(lock, token);
  }
  return violations;
}
