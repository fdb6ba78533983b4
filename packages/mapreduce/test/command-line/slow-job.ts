import { defineMapJob, textFiles, textLines } from "../../src/index.ts";

/** Never ends by itself. */
export default defineMapJob<string>({
  name: "slow",
  input: textLines("text"),
  map: () => {
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  },
  output: textFiles(),
});
