import { parsed, UsageError } from "@quorate/command-line";
import type { TargetOptions } from "@quorate/simulation";
import { MUTANTS_USAGE } from "./mutants/mutants-command.ts";

export const USAGE =
  "usage: pnpm sim <target> [--seeds N] [--seed S] [--minutes M] [--mode safety|liveness] " +
  `[--only NUMBERS] [--twice] [--json]\n${MUTANTS_USAGE}`;

const DEFAULT_SEEDS = 100;

/** The command line, understood. */
export interface Command {
  readonly target: string;
  readonly json: boolean;
  /** Runs every seed twice, and compares the traces. */
  readonly twice: boolean;
  /** The first seed to run; the others follow it. */
  readonly firstSeed: number;
  /** How many; Infinity when only `minutes` ends the run. */
  readonly seeds: number;
  readonly minutes: number | undefined;
  /** Undefined: both in turn. */
  readonly mode: TargetOptions["mode"] | undefined;
  readonly only: readonly number[] | undefined;
}

/** `freshSeed`: where seeds begin that nobody chose. @throws {UsageError} */
export function parseCommand(args: readonly string[], freshSeed: number): Command {
  const { values, positionals } = parsed({
    args: [...args],
    allowPositionals: true,
    options: OPTIONS,
  });
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new UsageError("name one target");
  const minutes = values.minutes === undefined ? undefined : number("minutes", values.minutes, 0);
  const { mode } = values;
  if (mode !== undefined && mode !== "safety" && mode !== "liveness") {
    throw new UsageError(`--mode must be safety or liveness, not ${mode}`);
  }
  return {
    target: target.replace(/^@quorate\//, ""),
    json: values.json,
    twice: values.twice,
    ...seedsOf(values, minutes, freshSeed),
    minutes,
    mode,
    only: values.only === undefined ? undefined : numbers(values.only),
  };
}

function seedsOf(
  { seed, seeds }: { readonly seed?: string | undefined; readonly seeds?: string | undefined },
  minutes: number | undefined,
  freshSeed: number,
): Pick<Command, "firstSeed" | "seeds"> {
  // A number of seeds that was asked for is a fixed set, so that it means the same everywhere.
  const unchosen = seeds === undefined ? freshSeed : 1;
  const firstSeed = seed === undefined ? unchosen : number("seed", seed, 0);
  if (seeds !== undefined) return { firstSeed, seeds: number("seeds", seeds, 1) };
  if (minutes !== undefined) return { firstSeed, seeds: Infinity };
  return { firstSeed, seeds: seed === undefined ? DEFAULT_SEEDS : 1 };
}

function numbers(list: string): readonly number[] {
  return list === "none" ? [] : list.split(",").map((each) => number("only", each, 0));
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= least) return value;
  throw new UsageError(`--${name} must be a number from ${least}, not ${text}`);
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  twice: { type: "boolean", default: false },
  seeds: { type: "string" },
  seed: { type: "string" },
  minutes: { type: "string" },
  mode: { type: "string" },
  only: { type: "string" },
} as const;
