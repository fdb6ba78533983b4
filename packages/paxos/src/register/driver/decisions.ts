import type { Mark } from "../core/cell.ts";
import type { Current, Decision } from "../core/operation.ts";
import type { Versioned } from "../core/outcome.ts";
import { parseVersion, showVersion, type Version } from "../core/version.ts";
import type { Compared, Expected } from "../register-node.ts";

/* What each operation makes of what a key holds. */

type Decide<R> = (current: Current) => Decision<R>;

export const getting: Decide<Versioned | undefined> = (current) => ({
  kind: "keep",
  result: versioned(current),
});

export function setting(value: Uint8Array): Decide<Version> {
  return () => ({ kind: "change", value, result: showVersion });
}

export const deleting: Decide<boolean> = ({ value }) =>
  value === undefined
    ? { kind: "keep", result: false }
    : { kind: "change", value: undefined, result: () => true };

/** @throws {PaxosError} `invalid-option` for what is no version. */
export function comparing(expected: Expected, value: Uint8Array | undefined): Decide<Compared> {
  const isExpected = matcher(expected);
  return (current) => {
    if (!isExpected(current)) {
      return { kind: "keep", result: { matched: false, current: versioned(current) } };
    }
    const result = (mark: Mark): Compared => ({ matched: true, version: showVersion(mark) });
    return { kind: "change", value, result };
  };
}

export function updating(
  change: (current: Uint8Array | undefined) => Uint8Array | undefined,
  maxValueBytes: number,
): Decide<Versioned | undefined> {
  return (current) => {
    const value = change(current.value);
    if (value === current.value) return { kind: "keep", result: versioned(current) };
    if (value && value.length > maxValueBytes) {
      return { kind: "refuse", outcome: { kind: "rejected", reason: "too-large" } };
    }
    return { kind: "change", value, result: (mark) => versioned({ value, mark }) };
  };
}

function matcher(expected: Expected): (current: Current) => boolean {
  if ("version" in expected) {
    const { incarnation, sequence } = parseVersion(expected.version);
    return ({ value, mark }) =>
      value !== undefined && mark?.incarnation === incarnation && mark.sequence === sequence;
  }
  return ({ value }) => isEqual(value, expected.value);
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function versioned({ value, mark }: Current): Versioned | undefined {
  return value && mark && { value, version: showVersion(mark) };
}
