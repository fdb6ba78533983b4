import type { Input } from "../input/input.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { JobSource } from "./job.ts";

interface Basics {
  readonly name: string;
  readonly setup?: unknown;
  readonly output: unknown;
}

/** What each kind of job has. */
export function checkBasics({ name, setup, output }: Basics): void {
  if (typeof name !== "string" || name === "") invalid("a job needs a name, which is not empty");
  if (setup !== undefined && typeof setup !== "function") {
    invalid(`setup of job "${name}" must be a function, which is called in each worker`);
  }
  if (!has(output, "open")) {
    invalid(
      `output of job "${name}" must be an output: textFiles(), jsonLinesFiles() or one of your own`,
    );
  }
}

/** One input with the job's map, or several that each have their own. */
export function checkedSources<M>(
  input: Input | readonly { readonly input: Input; readonly map: M }[],
  map: M | undefined,
): readonly JobSource<M>[] {
  if (!isList(input)) {
    if (map === undefined) invalid("a job with one input needs a map");
    return [checkedSource({ input, map })];
  }
  if (map !== undefined) invalid("where each input has a map of its own, the job has none");
  if (input.length === 0) invalid("a job needs an input");
  return input.map(checkedSource);
}

function isList<T>(input: Input | readonly T[]): input is readonly T[] {
  return Array.isArray(input);
}

function checkedSource<M>({ input, map }: JobSource<M>): JobSource<M> {
  if (!has(input, "splits") || !has(input, "read")) {
    invalid('input must be an input, such as textLines("logs/*.txt"), or a list of { input, map }');
  }
  if (typeof map !== "function") invalid("map must be a function");
  return { input, map };
}

export function has(value: unknown, method: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return typeof (value as Record<string, unknown>)[method] === "function";
}

export function invalid(message: string): never {
  throw new MapReduceError("invalid-job", message);
}
