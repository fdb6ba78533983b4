import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type CheckResult,
  counterModel,
  type CounterInput,
  keyValueModel,
  type KeyValueInput,
  type KeyValueOutput,
  mutexModel,
  type MutexInput,
  type MutexOutput,
  type Operation,
  queueModel,
  type QueueInput,
  registerModel,
  type RegisterInput,
  type Scalar,
  setModel,
  type SetInput,
  type SetOutput,
} from "../../src/checker/index.ts";
import { describeOperation } from "../../src/checker/picture/describe-operation.ts";
import { at } from "./recorder.ts";

const key = "x";
const write = (value: Scalar): RegisterInput => ({ op: "write", key, value });
const read: RegisterInput = { op: "read", key };
const compareAndSet = (expected: Scalar, update: Scalar): RegisterInput => {
  return { op: "compareAndSet", key, value: { expected, update } };
};

function register(...operations: Operation<RegisterInput, Scalar>[]): CheckResult {
  return checkLinearizability(operations, registerModel());
}

function small(result: CheckResult): string[] {
  if (result.kind !== "violation") return [result.kind];
  return result.subHistory.map((each) => `${each.client} ${describeOperation(each)}`);
}

describe("anomalies of a register", () => {
  it("stale read: what was overwritten before the read began is read", () => {
    const result = register(
      at("ada", 0, 10, write(1)),
      at("bob", 12, 18, read, 1),
      at("ada", 20, 30, write(2)),
      at("cyd", 40, 50, write(3)),
      at("bob", 35, 38, read, 2),
      at("bob", 60, 70, read, 1),
      at("ada", 80, 90, write(4)),
    );
    expect(result).toMatchObject({ kind: "violation", partition: "x", operations: 7 });
    // Both writes are there: without that of 1, the read would seem to be of a value from nowhere.
    expect(small(result)).toEqual(["ada write(1)", "ada write(2)", "bob read → 1"]);
    expect(result).toMatchObject({ unplaced: { client: "bob", call: 60 } });
  });

  it("a read that overlaps a write may see it or not", () => {
    const during: Operation<RegisterInput, Scalar>[] = [
      at("ada", 0, 10, write(1)),
      at("ada", 20, 40, write(2)),
    ];
    expect(register(...during, at("bob", 25, 35, read, 1)).kind).toBe("linearizable");
    expect(register(...during, at("bob", 25, 35, read, 2)).kind).toBe("linearizable");
    expect(register(...during, at("bob", 25, 35, read, null)).kind).toBe("violation");
  });

  it("new then old: two reads during one write see it and then do not", () => {
    const result = register(
      at("ada", 0, 100, write(1)),
      at("bob", 10, 20, read, 1),
      at("bob", 30, 40, read, null),
    );
    expect(small(result)).toEqual(["ada write(1) → ?", "bob read → 1", "bob read → null"]);
  });

  it("lost update: two compareAndSet from one value both succeed", () => {
    const result = register(
      at("ada", 0, 10, write(1)),
      at("ada", 20, 40, compareAndSet(1, 2), true),
      at("bob", 20, 40, compareAndSet(1, 3), true),
    );
    expect(small(result)).toHaveLength(3);
  });

  it("dirty read: a write of unknown outcome is seen, and then never was", () => {
    const unknown = at<RegisterInput, Scalar>("ada", 0, null, write(1));
    const seen = at<RegisterInput, Scalar>("bob", 10, 20, read, 1);
    expect(register(unknown, seen).kind).toBe("linearizable");
    const result = register(unknown, seen, at("bob", 30, 40, read, null));
    expect(small(result)).toEqual(["ada write(1) → ?", "bob read → 1", "bob read → null"]);
  });

  it("a write of unknown outcome may take effect late, or never", () => {
    const unknown = at<RegisterInput, Scalar>("ada", 0, null, write(1));
    const before = at<RegisterInput, Scalar>("bob", 10, 20, read, null);
    expect(register(unknown, before).kind).toBe("linearizable");
    const result = register(unknown, before, at("bob", 30, 40, read, 1));
    expect(result).toMatchObject({ order: new Map([["x", [before, unknown, { call: 30 }]]]) });
  });
});

describe("anomalies of a key-value store", () => {
  const check = (...operations: Operation<KeyValueInput, KeyValueOutput>[]): CheckResult =>
    checkLinearizability(operations, keyValueModel());
  const put = (value: string): KeyValueInput => ({ op: "put", key, value });

  it("resurrected key: a deleted key is there again", () => {
    const result = check(
      at("ada", 0, 10, put("a")),
      at("ada", 20, 30, { op: "delete", key }, true),
      at("bob", 40, 50, { op: "get", key }, "a"),
    );
    expect(small(result)).toEqual(['ada put("a")', "ada delete → true", 'bob get → "a"']);
  });

  it("an append that is done twice, by a retry without a session", () => {
    const result = check(
      at("ada", 0, 10, { op: "append", key, value: "a" }),
      at("bob", 20, 30, { op: "get", key }, "aa"),
    );
    expect(result.kind).toBe("violation");
  });

  it("keys are independent: one is violated, the other is not", () => {
    const result = check(
      at("ada", 0, 10, put("a")),
      at("ada", 0, 10, { op: "put", key: "y", value: "b" }),
      at("bob", 20, 30, { op: "get", key: "y" }, "a"),
    );
    expect(result).toMatchObject({ kind: "violation", partition: "y", operations: 2 });
  });
});

describe("anomalies of a mutex", () => {
  const check = (...operations: Operation<MutexInput, MutexOutput>[]): CheckResult =>
    checkLinearizability(operations, mutexModel());
  const acquire: MutexInput = { op: "acquire", key };
  const withToken = (op: "release" | "expire" | "use", value: number): MutexInput => {
    return { op, key, value };
  };

  it("split brain: two hold the lock at once", () => {
    const result = check(at("ada", 0, 10, acquire, 1), at("bob", 20, 30, acquire, 2));
    expect(small(result)).toEqual(["ada acquire → 1", "bob acquire → 2"]);
  });

  it("a lock whose lease may have run out may have a second holder", () => {
    const lease = at<MutexInput, MutexOutput>("lease", 10, null, withToken("expire", 1));
    const result = check(at("ada", 0, 10, acquire, 1), lease, at("bob", 20, 30, acquire, 2));
    expect(result.kind).toBe("linearizable");
  });

  it("a token that does not grow", () => {
    const result = check(
      at("ada", 0, 10, acquire, 2),
      at("ada", 20, 30, withToken("release", 2), true),
      at("bob", 40, 50, acquire, 2),
    );
    expect(result.kind).toBe("violation");
  });

  it("a late write of the former holder is let through", () => {
    const history = [
      at<MutexInput, MutexOutput>("ada", 0, 10, acquire, 1),
      at<MutexInput, MutexOutput>("lease", 10, null, withToken("expire", 1)),
      at<MutexInput, MutexOutput>("bob", 20, 30, acquire, 2),
      at<MutexInput, MutexOutput>("bob", 40, 50, withToken("use", 2), true),
    ];
    const late = withToken("use", 1);
    expect(check(...history, at("ada", 60, 70, late, false)).kind).toBe("linearizable");
    expect(small(check(...history, at("ada", 60, 70, late, true)))).toContain("ada use(1) → true");
  });

  it("refused as taken, though nobody can hold it", () => {
    expect(check(at("ada", 0, 10, acquire, null)).kind).toBe("violation");
    const unknown = at<MutexInput, MutexOutput>("bob", 0, null, acquire);
    expect(check(unknown, at("ada", 0, 10, acquire, null)).kind).toBe("linearizable");
  });

  it("a violation stays the same one while it is made small: what was refused took nothing", () => {
    const result = check(
      at("ada", 0, 0, withToken("release", 1), false),
      at("ada", 10, 10, withToken("use", 1), true),
      at("ada", 20, null, acquire),
      at("cyd", 50, 70, acquire, 3),
      at("bob", 40, 40, acquire, null),
      at("bob", 50, 50, acquire, null),
      at("dan", 60, 60, withToken("release", 3), false),
    );
    expect(small(result)).toContain("bob acquire → null");
  });
});

describe("anomalies of queues, sets and counters", () => {
  const enqueue = (value: string): QueueInput => ({ op: "enqueue", key, value });
  const dequeue: QueueInput = { op: "dequeue", key };

  it("duplicated dequeue: two get the same message; those before do not matter", () => {
    const result = checkLinearizability<string, QueueInput, Scalar>(
      [
        at("ada", 0, 10, enqueue("a")),
        at("ada", 20, 30, enqueue("b")),
        at("bob", 40, 50, dequeue, "a"),
        at("bob", 60, 80, dequeue, "b"),
        at("cyd", 60, 80, dequeue, "b"),
      ],
      queueModel(),
    );
    expect(small(result)).toEqual(['ada enqueue("b")', 'bob dequeue → "b"', 'cyd dequeue → "b"']);
  });

  it("lost message: the queue is empty before all came out", () => {
    const result = checkLinearizability<string, QueueInput, Scalar>(
      [at("ada", 0, 10, enqueue("a")), at("bob", 20, 30, dequeue, null)],
      queueModel(),
    );
    expect(result.kind).toBe("violation");
  });

  it("reordered messages", () => {
    const result = checkLinearizability<string, QueueInput, Scalar>(
      [
        at("ada", 0, 10, enqueue("a")),
        at("ada", 20, 30, enqueue("b")),
        at("bob", 40, 50, dequeue, "b"),
      ],
      queueModel(),
    );
    expect(small(result)).toEqual(['ada enqueue("a")', 'ada enqueue("b")', 'bob dequeue → "b"']);
  });

  it("an element that was added is not in the set", () => {
    const add = (value: number): SetInput => ({ op: "add", key, value });
    const result = checkLinearizability<ReadonlySet<Scalar>, SetInput, SetOutput>(
      [
        at("ada", 0, 10, add(1)),
        at("bob", 0, 10, add(2), true),
        at("cyd", 20, 30, { op: "read", key }, [1]),
      ],
      setModel(),
    );
    expect(result.kind).toBe("violation");
  });

  it("lost update: two adds, and the counter counts one", () => {
    const add: CounterInput = { op: "add", key, value: 1 };
    const history = (total: number): Operation<CounterInput, number>[] => [
      at("ada", 0, 10, add),
      at("bob", 5, 15, add),
      at("cyd", 20, 30, { op: "read", key }, total),
    ];
    expect(checkLinearizability(history(2), counterModel()).kind).toBe("linearizable");
    expect(checkLinearizability(history(1), counterModel()).kind).toBe("violation");
  });
});
