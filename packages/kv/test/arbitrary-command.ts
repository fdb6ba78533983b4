import fc from "fast-check";
import type { Command, Compare, Operation, SortTarget } from "../src/index.ts";

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

/** Few, so that most that are named were granted. */
const lease = fc.constantFrom(1, 2);
const plainPut = fc.record({
  kind: fc.constant("put" as const),
  key,
  value,
  prevKv: flag,
  lease: fc.option(lease, { nil: undefined, freq: 2 }),
});
const keepingPut = fc.oneof(
  fc.record({
    kind: fc.constant("put" as const),
    key,
    value: fc.constantFrom("", "", "", "given"),
    ignoreValue: fc.constant(true),
    ignoreLease: flag,
    lease: fc.option(lease, { nil: undefined, freq: 1 }),
  }),
  fc.record({ kind: fc.constant("put" as const), key, value, ignoreLease: fc.constant(true) }),
);
/** Of stores of some dozen revisions. */
const revision = fc.option(fc.nat(12), { nil: undefined, freq: 1 });
const remove = fc.record({ kind: fc.constant("delete" as const), key, rangeEnd, prevKv: flag });
const range = fc.record({
  kind: fc.constant("range" as const),
  key,
  rangeEnd,
  limit: fc.option(fc.nat(4), { nil: undefined }),
  sort: fc.option(sort, { nil: undefined }),
  keysOnly: flag,
  countOnly: fc.option(fc.constantFrom(true, false, false, false), { nil: undefined }),
  revision,
  minModRevision: revision,
  maxModRevision: revision,
  minCreateRevision: revision,
  maxCreateRevision: revision,
});

const relation = fc.constantFrom("=", "!=", "<", ">");
const compare = fc.oneof(
  fc.record({
    key,
    rangeEnd,
    relation,
    target: fc.constantFrom("version", "createRevision", "modRevision", "lease"),
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
        { weight: 3, arbitrary: simple(plainPut) },
        { weight: 1, arbitrary: simple(keepingPut) },
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

/** Any command; leases are granted, and the past compacted, now and then. */
export const arbitraryCommand: fc.Arbitrary<Command<string>> = fc.oneof(
  { weight: 8, arbitrary: operation },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("grant-lease" as const),
      lease,
      ttlSeconds: fc.constantFrom(0, 1, 5, 9_000_000_000, 9_000_000_001),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("revoke-lease" as const), lease }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("compact" as const), revision: fc.nat(14) }),
  },
);
