import { MapReduceError } from "../mapreduce-error.ts";

/**
 * Imports a job's module. A TypeScript one is left to Node where it can strip types itself (from
 * 22.18 on), or to the loader that the process was started with; else jiti, which is loaded only
 * then, transpiles it.
 *
 * @throws {MapReduceError} `invalid-job`, with what went wrong as its cause.
 */
export async function loadModule(url: string): Promise<unknown> {
  try {
    return await importModule(url);
  } catch (error) {
    if (error instanceof MapReduceError) throw error;
    const message = `cannot load the job's module ${url}: ${(error as Error)?.message ?? error}`;
    throw new MapReduceError("invalid-job", message, { cause: error });
  }
}

async function importModule(url: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ url);
  } catch (error) {
    if (!isUnknownExtension(error)) throw error;
    const { createJiti } = await import("jiti");
    return createJiti(url).import(url);
  }
}

function isUnknownExtension(error: unknown): boolean {
  return (error as NodeJS.ErrnoException)?.code === "ERR_UNKNOWN_FILE_EXTENSION";
}
