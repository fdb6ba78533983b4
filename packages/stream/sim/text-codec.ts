import type { StateCodec } from "../src/core/state/layer.ts";

/**
 * State as JSON: the bytes follow from the values alone. V8's structured clone writes a whole number in
 * two ways, as V8 happens to hold it, so that a run that is repeated would write other bytes.
 */
export const textCodec: StateCodec = {
  encode: (value) => Buffer.from(JSON.stringify(tagged(value))),
  decode: (bytes) => untagged(JSON.parse(Buffer.from(bytes).toString())),
};

/** What JSON has not is an object of one entry, by one of these names. */
const MAP = "$map";
const NUMBER = "$number";
const NOTHING = "$nothing";

function tagged(value: unknown): unknown {
  if (value === undefined) return { [NOTHING]: true };
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : { [NUMBER]: String(value) };
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(tagged);
  if (value instanceof Map) {
    return { [MAP]: [...value].map(([key, one]) => [tagged(key), tagged(one)]) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, tagged(one)]));
}

function untagged(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  if (NOTHING in value) return undefined;
  if (NUMBER in value) return Number(value[NUMBER]);
  if (MAP in value) {
    const entries = value[MAP] as readonly (readonly [unknown, unknown])[];
    return new Map(entries.map(([key, one]) => [untagged(key), untagged(one)]));
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, untagged(one)]));
}
