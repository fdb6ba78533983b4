import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_KEYS,
  decodeResult,
  encodeCommand,
  KvStateMachine,
  MAX_OPERATIONS,
  MAX_REQUEST_BYTES,
  MAX_RESULT_BYTES,
  type Operation,
} from "../src/index.ts";
import { arbitraryOperation } from "./arbitrary-command.ts";
import { put, query, run } from "./machine.ts";

function transaction(success: Operation[], failure: Operation[] = []): Operation {
  return { kind: "transaction", compares: [], success, failure };
}

function nested(depth: number): Operation {
  return depth === 0 ? put("deep") : transaction([nested(depth - 1)]);
}

function puts(count: number): Operation[] {
  return Array.from({ length: count }, (_, at) => put(`k${at}`));
}

function remove(key: string, rangeEnd = ""): Operation {
  return { kind: "delete", key, rangeEnd };
}

describe("a command that is refused", () => {
  it("empty-key: in each kind of operation and in compares, at any depth", () => {
    const machine = new KvStateMachine();
    const compares = [{ key: "", target: "version", relation: "=", operand: 0 }] as const;
    for (const operation of [
      put(""),
      remove(""),
      { kind: "range", key: "" },
      { kind: "transaction", compares, success: [], failure: [] },
      transaction([put("a")], [transaction([put("")])]),
    ] satisfies Operation[]) {
      expect(run(machine, operation)).toEqual({ kind: "refused", code: "empty-key" });
    }
    expect(machine.revision).toBe(1);
  });

  it(`too-many-operations: above ${MAX_OPERATIONS}, counted along the longest path down`, () => {
    const machine = new KvStateMachine();
    const tooMany = { kind: "refused", code: "too-many-operations" };
    expect(run(machine, transaction(puts(MAX_OPERATIONS), puts(MAX_OPERATIONS)))).toMatchObject({
      succeeded: true,
    });
    expect(run(machine, transaction([], puts(MAX_OPERATIONS + 1)))).toEqual(tooMany);
    expect(run(machine, transaction([transaction(puts(MAX_OPERATIONS - 1))]))).toMatchObject({
      succeeded: true,
    });
    expect(run(machine, transaction([transaction(puts(MAX_OPERATIONS))]))).toEqual(tooMany);
    expect(run(machine, nested(MAX_OPERATIONS))).toMatchObject({ succeeded: true });
    expect(run(machine, nested(MAX_OPERATIONS + 1))).toEqual(tooMany);
    expect(run(machine, nested(5_000))).toEqual(tooMany);
  });

  it.each<[string, Operation, boolean]>([
    ["the same key put twice", transaction([put("a"), put("a")]), true],
    ["twice in the branch that is not taken", transaction([], [put("a"), put("a")]), true],
    ["once in each branch", transaction([put("a")], [put("a")]), false],
    ["a put and a delete of the key", transaction([put("a"), remove("a")]), true],
    ["a put and a delete of a range around it", transaction([remove("a", "c"), put("b")]), true],
    ["a put just after a deleted range", transaction([remove("a", "b"), put("b")]), false],
    ["two deletes of a key", transaction([remove("a"), remove("a", "c")]), false],
    ["a put outside and one within", transaction([put("a"), transaction([put("a")])]), true],
    ["in both branches within", transaction([transaction([put("a")], [put("a")])]), false],
    ["in two within", transaction([transaction([put("a")]), transaction([put("a")])]), true],
    [
      "a delete within and a put outside",
      transaction([transaction([remove("a")]), put("a")]),
      true,
    ],
    [
      "a put within, then a delete within (etcd lets it pass)",
      transaction([transaction([put("a")]), transaction([remove("a")])]),
      false,
    ],
    [
      "a put and a delete from a key on (etcd lets it pass)",
      transaction([put("b"), remove("a", "\0")]),
      false,
    ],
  ])("duplicate-key: %s", (_name, operation, refused) => {
    const result = run(new KvStateMachine(), operation);
    expect(result).toMatchObject(
      refused ? { kind: "refused", code: "duplicate-key" } : { kind: "transaction" },
    );
  });

  it("request-too-large: above 1.5 MiB as encoded, by the encoder and by the machine", () => {
    const machine = new KvStateMachine();
    const fits = encodeCommand(put("a", new Uint8Array(MAX_REQUEST_BYTES - 32)));
    expect(decodeResult(machine.apply([{ index: 1, command: fits }])[0]!)).toMatchObject({
      kind: "put",
    });
    expect(() => encodeCommand(put("a", new Uint8Array(MAX_REQUEST_BYTES)))).toThrow(
      expect.objectContaining({ code: "request-too-large" }),
    );
    const command = new Uint8Array(MAX_REQUEST_BYTES + 1);
    expect(decodeResult(machine.apply([{ index: 2, command }])[0]!)).toEqual({
      kind: "refused",
      code: "request-too-large",
    });
  });

  it("result-too-large: leaves no trace of the writes that came before it", () => {
    const machine = new KvStateMachine();
    const megabyte = new Uint8Array(1_000_000);
    for (let at = 0; (at - 2) * megabyte.length < MAX_RESULT_BYTES; at++) {
      run(machine, put(`big/${at}`, megabyte));
    }
    const before = { hash: machine.hash(), revision: machine.revision, size: machine.size };
    const all = { kind: "range", ...ALL_KEYS } as const;
    const tooLarge = { kind: "refused", code: "result-too-large" };
    expect(query(machine, all)).toEqual(tooLarge);
    const writes = [put("big/0", "new"), put("new"), remove("big/1")];
    expect(run(machine, transaction([...writes, all]))).toEqual(tooLarge);
    expect(run(machine, { kind: "delete", ...ALL_KEYS, prevKv: true })).toEqual(tooLarge);
    expect({ hash: machine.hash(), revision: machine.revision, size: machine.size }).toEqual(
      before,
    );
    expect(query(machine, { ...all, keysOnly: true })).toMatchObject({ count: before.size });
  });

  it("malformed: no bytes whatever crash the machine or change its state by being cut or flipped", () => {
    const machine = new KvStateMachine();
    run(machine, put("a"));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (command) => {
        const [result] = machine.apply([{ index: 1, command }]);
        expect(() => decodeResult(result as Uint8Array)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(
        arbitraryOperation,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (some, at, xor) => {
          const command = encodeCommand(some);
          const hash = machine.hash();
          const [cut] = machine.apply([
            { index: 1, command: command.subarray(0, at % command.length) },
          ]);
          expect(decodeResult(cut as Uint8Array)).toEqual({ kind: "refused", code: "malformed" });
          expect(machine.hash()).toBe(hash);
          const flipped = Uint8Array.from(command);
          flipped[at % command.length]! ^= xor;
          const [result] = machine.apply([{ index: 2, command: flipped }]);
          expect(() => decodeResult(result as Uint8Array)).not.toThrow();
          machine.query(flipped);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("malformed: what is left over after a command; unsupported-version: a later one's", () => {
    const machine = new KvStateMachine();
    const command = encodeCommand(put("a"));
    const answer = (bytes: Uint8Array): unknown =>
      decodeResult(machine.apply([{ index: 1, command: bytes }])[0]!);
    expect(answer(Buffer.concat([command, Buffer.of(0)]))).toMatchObject({ code: "malformed" });
    expect(answer(new Uint8Array(0))).toMatchObject({ code: "malformed" });
    const later = Uint8Array.from(command);
    later[0] = 2;
    expect(answer(later)).toMatchObject({ code: "unsupported-version" });
  });
});
