import { PaxosError } from "../../paxos-error.ts";
import type { Mark } from "./cell.ts";

/**
 * Names one write to one key, for ever: no other write has the same, also not of the same value, after
 * a deletion or on another node. To be compared, not ordered.
 */
export type Version = string;

export function showVersion({ incarnation, sequence }: Mark): Version {
  return `${incarnation.toString(36)}.${sequence.toString(36)}`;
}

const PATTERN = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})$/;

/** @throws {PaxosError} `invalid-option`. */
export function parseVersion(version: Version): Mark {
  const [, incarnation, sequence] = PATTERN.exec(version) ?? [];
  if (incarnation === undefined || sequence === undefined) {
    throw new PaxosError("invalid-option", `${version} is not a version`);
  }
  return { incarnation: parseInt(incarnation, 36), sequence: parseInt(sequence, 36) };
}
