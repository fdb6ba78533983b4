import { MapReduceError, type Place } from "../mapreduce-error.ts";

/** What the job's map threw, or reading for it, with the record's place. */
export function mapFailure(error: unknown, place: Place): MapReduceError {
  if (error instanceof MapReduceError && error.place) return error;
  if (error instanceof MapReduceError) {
    return new MapReduceError(error.code, error.message, { cause: error, place });
  }
  return new MapReduceError("bad-record", `map threw ${inWords(error)}`, { cause: error, place });
}

/** What the job's reduce threw, or the engine beneath it, with the key. */
export function reduceFailure(error: unknown, key: unknown): MapReduceError {
  if (error instanceof MapReduceError) return error;
  const name = JSON.stringify(key)?.slice(0, MAX_KEY_CHARACTERS);
  const message = `reduce threw for key ${name}: ${inWords(error)}`;
  return new MapReduceError("bad-record", message, { cause: error });
}

const MAX_KEY_CHARACTERS = 100;

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
