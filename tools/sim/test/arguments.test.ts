import { describe, expect, it } from "vitest";
import { parseCommand } from "../src/arguments.ts";

describe("the command line of pnpm sim", () => {
  it("a number of seeds is a fixed set, from 1 on; without one, seeds are fresh", () => {
    expect(parseCommand(["raft", "--seeds", "3"], 900)).toMatchObject({ firstSeed: 1, seeds: 3 });
    expect(parseCommand(["@quorate/raft"], 900)).toMatchObject({
      target: "raft",
      json: false,
      mode: undefined,
    });
    expect(parseCommand(["raft"], 900)).toMatchObject({ firstSeed: 900, seeds: 100 });
    expect(parseCommand(["raft", "--minutes", "5"], 900)).toMatchObject({
      firstSeed: 900,
      seeds: Infinity,
    });
  });

  it("a seed is run alone, unless more are asked for from it on", () => {
    expect(parseCommand(["raft", "--seed", "7"], 900)).toMatchObject({ firstSeed: 7, seeds: 1 });
    expect(parseCommand(["raft", "--seed", "7", "--seeds", "3"], 900)).toMatchObject({
      firstSeed: 7,
      seeds: 3,
    });
    expect(parseCommand(["raft", "--seed", "7", "--minutes", "1"], 900)).toMatchObject({
      firstSeed: 7,
      seeds: Infinity,
      minutes: 1,
    });
  });

  it("understands the line that a failure report gives", () => {
    const line = ["raft", "--seed", "38", "--mode", "safety", "--only", "19,47"];
    expect(parseCommand(line, 900)).toMatchObject({
      firstSeed: 38,
      seeds: 1,
      mode: "safety",
      only: [19, 47],
    });
    expect(parseCommand(["raft", "--seed", "1", "--only", "none"], 900).only).toEqual([]);
  });

  it.each([
    [[], "name one target"],
    [["raft", "wal"], "name one target"],
    [["raft", "--mode", "chaos"], "--mode must be safety or liveness"],
    [["raft", "--seeds", "none"], "--seeds must be a number from 1"],
    [["raft", "--nonsense"], "nonsense"],
  ])("refuses %j by name", (args, message) => {
    expect(() => parseCommand(args, 900)).toThrow(message);
  });
});
