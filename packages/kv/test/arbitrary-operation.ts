import fc from "fast-check";
import type { Compare, Operation, SortTarget } from "../src/index.ts";

/** Few keys, so that operations meet; some are the beginning of others. */
const key = fc.constantFrom("a", "a\0", "aa", "ab", "b", "b/1", "b/2", "c", "~");
const value = fc.constantFrom("", "x", "y", "yy", "z".repeat(300));
const rangeEnd = fc.option(fc.oneof(key, fc.constantFrom("", "\0")), { nil: undefined });
const flag = fc.option(fc.boolean(), { nil: undefined });
const target = fc.constantFrom<SortTarget[]>(
  "key",
  "version",
  "createRevision",
  "modRevision",
  "value",
);
const sort = fc.record({ target, order: fc.constantFrom("ascending", "descending") });

/** Absent and not undefined, as callers write it. */
function compact<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, is]) => is !== undefined)) as T;
}

const put = fc.record({ kind: fc.constant("put" as const), key, value, prevKv: flag });
const remove = fc.record({ kind: fc.constant("delete" as const), key, rangeEnd, prevKv: flag });
const range = fc.record({
  kind: fc.constant("range" as const),
  key,
  rangeEnd,
  limit: fc.option(fc.nat(4), { nil: undefined }),
  sort: fc.option(sort, { nil: undefined }),
  keysOnly: flag,
  countOnly: fc.option(fc.constantFrom(true, false, false, false), { nil: undefined }),
});

const relation = fc.constantFrom("=", "!=", "<", ">");
const compare = fc.oneof(
  fc.record({
    key,
    rangeEnd,
    relation,
    target: fc.constantFrom("version", "createRevision", "modRevision"),
    operand: fc.nat(6),
  }),
  fc.record({ key, rangeEnd, relation, target: fc.constant("value" as const), operand: value }),
);

function simple(arbitrary: fc.Arbitrary<object>): fc.Arbitrary<Operation<string>> {
  return arbitrary.map((each) => compact(each) as Operation<string>);
}

const { operation } = fc.letrec<{ operation: Operation<string>; transaction: Operation<string> }>(
  (tie) => {
    const branch = fc.array(tie("operation"), { maxLength: 3 });
    const transaction = fc.record({
      kind: fc.constant("transaction" as const),
      compares: fc.array(
        compare.map((each) => compact(each) as Compare<string>),
        { maxLength: 2 },
      ),
      success: branch,
      failure: branch,
    });
    return {
      operation: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        { weight: 3, arbitrary: simple(put) },
        { weight: 1, arbitrary: simple(remove) },
        { weight: 2, arbitrary: simple(range) },
        { weight: 2, arbitrary: tie("transaction") },
      ),
      transaction,
    };
  },
);

/** Any operation over a handful of ASCII keys, transactions in transactions included. */
export const arbitraryOperation: fc.Arbitrary<Operation<string>> = operation;
