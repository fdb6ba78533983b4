import { ConsistentHashingError } from "./consistent-hashing-error.ts";

/** The longest name of a node, in UTF-16 code units. */
const MAX_NAME_LENGTH = 1_024;
/** The largest weight. */
const MAX_WEIGHT = 2 ** 32 - 1;

/** A node to be added. */
export interface NodeSpec {
  /**
   * What the node is known by, and what its place is computed from: unique in its set, well-formed
   * Unicode, 1 to 1,024 UTF-16 code units.
   */
  readonly name: string;
  /**
   * The share of the keys that it takes, relative to the others' weights: above 0, up to 2^32-1.
   * Jump, multi-probe, AnchorHash and MementoHash take whole numbers only, ketama and Envoy's two
   * from 1.
   *
   * @default 1
   */
  readonly weight?: number;
  /** Where it stands: a zone, a rack, a machine. Has no bearing on `locate`; see `locateAll`. */
  readonly zone?: string;
}

/** A node of a set. */
export interface NodeInfo {
  readonly name: string;
  readonly weight: number;
  readonly zone?: string;
}

const SURROGATE = /\p{Surrogate}/u;

/** @throws {ConsistentHashingError} `invalid-node`, `invalid-weight` */
export function nodeInfo(spec: string | NodeSpec): NodeInfo {
  const { name, weight = 1, zone } = typeof spec === "string" ? { name: spec } : (spec ?? {});
  if (typeof name !== "string" || name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw new ConsistentHashingError(
      "invalid-node",
      `a node's name must be a string of 1 to ${MAX_NAME_LENGTH} code units`,
    );
  }
  if (SURROGATE.test(name)) {
    throw new ConsistentHashingError("invalid-node", "a node's name must be well-formed Unicode");
  }
  if (zone !== undefined && typeof zone !== "string") {
    throw new ConsistentHashingError("invalid-node", "a node's zone must be a string");
  }
  checkWeight(weight);
  return { name, weight, ...(zone !== undefined && { zone }) };
}

/** @throws {ConsistentHashingError} `invalid-weight` */
export function checkWeight(weight: number): void {
  if (!(typeof weight === "number" && weight > 0 && weight <= MAX_WEIGHT)) {
    throw new ConsistentHashingError(
      "invalid-weight",
      `a weight must be above 0 and at most ${MAX_WEIGHT}, not ${weight}`,
    );
  }
}

/** @throws {ConsistentHashingError} `invalid-weight` */
export function checkWholeWeight(
  weight: number,
  algorithm: string,
  most: number = MAX_WEIGHT,
): void {
  if (!(Number.isInteger(weight) && weight >= 1 && weight <= most)) {
    throw new ConsistentHashingError(
      "invalid-weight",
      `with ${algorithm} a weight must be a whole number from 1 to ${most}, not ${weight}`,
    );
  }
}
