import type { ByteString } from "../byte-string.ts";
import type { KeyValue } from "../operation-result.ts";
import type { DecodedCompare, Relation } from "../operation.ts";
import type { Store } from "./store.ts";

const MISSING: KeyValue<ByteString> = {
  key: "",
  value: "",
  createRevision: 0,
  modRevision: 0,
  version: 0,
  lease: 0,
};

/** Whether a compare holds; see `Compare` for ranges and missing keys. */
export function holds(store: Store, compare: DecodedCompare): boolean {
  const found = store.reads.range(compare.key, compare.rangeEnd);
  if (found.length > 0) return found.every((kv) => holdsFor(kv, compare));
  return compare.target !== "value" && holdsFor(MISSING, compare);
}

function holdsFor(kv: KeyValue<ByteString>, compare: DecodedCompare): boolean {
  return compare.target === "value"
    ? isIn(kv.value, compare.relation, compare.operand)
    : isIn(kv[compare.target], compare.relation, compare.operand);
}

function isIn<T extends number | string>(actual: T, relation: Relation, operand: T): boolean {
  switch (relation) {
    case "=":
      return actual === operand;
    case "!=":
      return actual !== operand;
    case "<":
      return actual < operand;
    case ">":
      return actual > operand;
  }
}
