import { UsageError } from "@quorate/command-line";
import { describe, expect, it } from "vitest";
import { FAULTS, parseCommand } from "../src/arguments.ts";

describe("the command line of pnpm chaos", () => {
  it("by default: one minute of all faults on three nodes, with a fresh seed", () => {
    expect(parseCommand([], 900)).toEqual({
      minutes: 1,
      nodes: 3,
      consensus: "raft",
      workloads: ["kv"],
      faults: [...FAULTS],
      seed: 900,
      history: undefined,
      json: false,
    });
  });

  it("understands every option, also after the -- that pnpm hands on", () => {
    const line = ["--", "--minutes", "0.5", "--faults", "kill,pause,kill", "--seed", "7"];
    const more = ["--history", "h.jsonl", "--json", "--nodes", "5", "--consensus", "paxos"];
    const last = ["--workload", "lock,kv,lock"];
    expect(parseCommand([...line, ...more, ...last], 900)).toEqual({
      minutes: 0.5,
      nodes: 5,
      consensus: "paxos",
      workloads: ["lock", "kv"],
      faults: ["kill", "pause"],
      seed: 7,
      history: "h.jsonl",
      json: true,
    });
  });

  it.each([
    [["--minutes", "0"], "--minutes must be above 0 and at most 60, not 0"],
    [["--minutes", "soon"], "--minutes must be above 0 and at most 60, not soon"],
    [["--minutes", "61"], "at most 60"],
    [["--nodes", "4"], "--nodes must be 3 or 5, not 4"],
    [["--consensus", "zab"], "--consensus must be raft or paxos, not zab"],
    [["--faults", "kill,gremlins"], 'there is no "gremlins"; there are kill, pause'],
    [["--workload", "kv,queue"], '--workload: there is no "queue"; there are kv, lock'],
    [["--faults", ""], 'there is no ""'],
    [["--seed", "-1"], "--seed"],
    [["--seed", "0.5"], "--seed must be a whole number from 0"],
    [["--seed"], "--seed"],
    [["--nonsense"], "nonsense"],
    [["kill"], "kill"],
  ])("refuses %j by name", (args, message) => {
    expect(() => parseCommand(args, 900)).toThrow(UsageError);
    expect(() => parseCommand(args, 900)).toThrow(message);
  });
});
