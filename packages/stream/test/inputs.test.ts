import { describe, expect, it } from "vitest";
import { Inputs } from "../src/core/inputs.ts";

/** Several inputs, and what is heard of them together. */
function inputsOf(count: number): { readonly inputs: Inputs; readonly heard: string[] } {
  const heard: string[] = [];
  const inputs = new Inputs(
    {
      watermark: (ms) => void heard.push(`${ms}`),
      idle: () => void heard.push("idle"),
      barrier: (id) => void heard.push(`barrier ${id}`),
      end: () => void heard.push("end"),
    },
    Array.from({ length: count }, () => () => {}),
  );
  return { inputs, heard };
}

describe("the watermark of several inputs", () => {
  it("an input at its end holds nothing back, and those that are idle may go on", () => {
    const { inputs, heard } = inputsOf(2);
    const [one, other] = inputs.channels;
    one?.watermark(10);
    other?.watermark(5);
    other?.idle();
    one?.watermark(Infinity);
    // What the first had is complete; what the second may still bring is not late for that.
    expect(heard).not.toContain("Infinity");
    other?.watermark(20);
    other?.watermark(Infinity);
    expect(heard.filter((what) => what !== "idle")).toEqual(["5", "10", "20", "Infinity"]);
  });

  it("after a restore the end of all event time is heard a second time", () => {
    const before = inputsOf(2);
    for (const input of before.inputs.channels) input.watermark(Infinity);
    expect(before.heard).toEqual(["Infinity"]);
    const { state } = before.inputs;
    for (const states of [[state], [state, state]]) {
      const after = inputsOf(2);
      after.inputs.restore(states, 0, 1);
      for (const input of after.inputs.channels) input.watermark(Infinity);
      expect(after.heard).toContain("Infinity");
    }
  });
});
