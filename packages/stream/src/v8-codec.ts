import { deserialize, serialize } from "node:v8";
import type { StateCodec } from "./core/state/layer.ts";

/** State as V8's structured clone format: all plain data, maps, sets, dates and bytes. */
export const v8Codec: StateCodec = {
  encode: (value) => serialize(value),
  decode: (bytes) => deserialize(bytes),
};
