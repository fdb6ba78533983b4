import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckerError, formatHistory, History, parseHistory } from "../../src/checker/index.ts";

const read = { op: "read", key: "x" };
const write = { op: "write", key: "x", value: 1 };

describe("History", () => {
  it("keeps what completed with its result, what is open without, and drops what failed", () => {
    const history = new History();
    const writing = history.invoke("ada", write);
    const failing = history.invoke("bob", write);
    const reading = history.invoke("cyd", read);
    history.invoke("bob", read);
    history.complete(reading, 7);
    history.complete(writing);
    history.fail(failing);
    expect(history.operations).toEqual([
      { client: "ada", input: write, output: undefined, call: 0, return: 5 },
      { client: "cyd", input: read, output: 7, call: 2, return: 4 },
      { client: "bob", input: read, call: 3, return: null },
    ]);
  });

  it("takes its times from the clock that it is given", () => {
    let nowMs = 100;
    const history = new History({}, { now: () => nowMs });
    const reading = history.invoke("ada", read);
    nowMs = 250;
    history.complete(reading, null);
    expect(history.operations).toMatchObject([{ call: 100, return: 250 }]);
  });

  it("refuses to settle an operation twice, or one that was never invoked", () => {
    const history = new History();
    const reading = history.invoke("ada", read);
    history.complete(reading, 1);
    expect(() => history.complete(reading, 2)).toThrow("operation 0 is completed");
    expect(() => history.fail(reading)).toThrow(CheckerError);
    expect(() => history.fail(7)).toThrow(expect.objectContaining({ code: "already-settled" }));
    expect(history.operations).toMatchObject([{ output: 1 }]);
  });

  it("is bounded: one operation more than maxOperations is not recorded", () => {
    const history = new History({ maxOperations: 1 });
    const reading = history.invoke("ada", read);
    const full = expect.objectContaining({ code: "history-full" });
    expect(() => history.invoke("bob", read)).toThrow(full);
    history.complete(reading, 1);
    expect(history.operations).toHaveLength(1);
    expect(() => new History({ maxOperations: 0 })).toThrow("maxOperations");
  });
});

describe("histories as JSON lines", () => {
  const time = fc.integer({ min: 0, max: 1_000_000 });
  const json = fc.jsonValue({ maxDepth: 1 }).filter((value) => !Object.is(value, -0));
  const operation = fc
    .record(
      {
        client: fc.string(),
        input: fc.record(
          { op: fc.string(), key: fc.string(), value: json },
          { requiredKeys: ["op", "key"] },
        ),
        output: json,
        call: time,
        return: fc.option(time),
      },
      { requiredKeys: ["client", "input", "call", "return"] },
    )
    .map((each) => JSON.parse(JSON.stringify(each)) as typeof each);

  it("reads back what was written", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (operations) => {
        expect(parseHistory(formatHistory(operations))).toEqual(operations);
      }),
    );
  });

  it("has a line of the published fields an operation", () => {
    const history = new History();
    const writing = history.invoke("ada", write);
    history.invoke("bob", read);
    history.complete(writing, true);
    expect(formatHistory(history.operations)).toBe(
      '{"client":"ada","op":"write","key":"x","value":1,"output":true,"call":0,"return":2}\n' +
        '{"client":"bob","op":"read","key":"x","call":1,"return":null}\n',
    );
  });

  it("takes what other tools write: clients by number, more fields, empty lines", () => {
    const line = '{"client":3,"op":"read","key":"x","call":1.5,"return":2,"node":"n1"}';
    expect(parseHistory(`\n${line}\r\n\n`)).toEqual([
      { client: "3", input: { op: "read", key: "x" }, call: 1.5, return: 2 },
    ]);
  });

  it.each([
    ["[]x", "line 2: no JSON"],
    ["7", "line 2: no object"],
    ['{"client":true}', "line 2: client"],
    ['{"client":"a","key":"x","call":1,"return":2}', "line 2: op"],
    ['{"client":"a","op":"get","call":1,"return":2}', "line 2: key"],
    ['{"client":"a","op":"get","key":"x","return":2}', "line 2: call"],
    ['{"client":"a","op":"get","key":"x","call":1}', "line 2: return"],
  ])("refuses %s and names the line", (line, message) => {
    expect(() => parseHistory(`\n${line}\n`)).toThrow(message);
    expect(() => parseHistory(line)).toThrow(
      expect.objectContaining({ code: "malformed-history" }),
    );
  });
});
