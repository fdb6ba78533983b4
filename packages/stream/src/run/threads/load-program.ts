import type { StateCodec } from "../../core/state/layer.ts";
import { Pipeline } from "../../pipeline.ts";
import { StreamError } from "../../stream-error.ts";
import { v8Codec } from "../../v8-codec.ts";

/**
 * What the default export of a program's module is: makes the pipeline, the same in each thread.
 * `argument` is the run's, plain data.
 */
export type PipelineProgram<Argument = unknown> = (
  argument: Argument,
) => Pipeline | Promise<Pipeline>;

export interface LoadedProgram {
  readonly pipeline: Pipeline;
  /** Exported as `codec`. @default V8's structured clone */
  readonly codec: StateCodec;
}

/** @throws {StreamError} `worker-failed` when the module cannot be loaded or makes no pipeline */
export async function loadProgram(url: string, argument: unknown): Promise<LoadedProgram> {
  const module = await imported(url);
  const { default: program, codec = v8Codec } = module as {
    readonly default?: unknown;
    readonly codec?: StateCodec;
  };
  if (typeof program !== "function") throw noPipeline(url);
  const pipeline: unknown = await (program as PipelineProgram)(argument);
  if (!(pipeline instanceof Pipeline)) throw noPipeline(url);
  return { pipeline, codec };
}

async function imported(url: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ url);
  } catch (cause) {
    const message = `cannot load ${url}: ${(cause as Error)?.message ?? cause}`;
    throw new StreamError("worker-failed", message, { cause });
  }
}

function noPipeline(url: string): StreamError {
  const rule = "its default export must be a function that returns what createPipeline does";
  return new StreamError("worker-failed", `${url} makes no pipeline: ${rule}`);
}
