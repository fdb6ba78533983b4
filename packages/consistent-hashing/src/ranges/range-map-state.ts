import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { nodeInfo } from "../node.ts";
import { compareKeys, type KeyRange } from "./key-range.ts";

const STATE_VERSION = 1;
const HEX = /^(?:[0-9a-f]{2})*$/;

/** A range map as plain data. */
export interface RangeMapState {
  readonly format: "quorate-range-map";
  readonly version: number;
  /** In order; each ends where the next one begins. `start` is in hexadecimal digits. */
  readonly ranges: readonly {
    readonly start: string;
    readonly node: string;
    readonly epoch: number;
  }[];
}

export function stateOf(ranges: Iterable<KeyRange>): RangeMapState {
  const saved = Array.from(ranges, ({ start, node, epoch }) => ({
    start: hex(start),
    node,
    epoch,
  }));
  return { format: "quorate-range-map", version: STATE_VERSION, ranges: saved };
}

/** @throws {ConsistentHashingError} `invalid-state` */
export function checkedRanges(state: RangeMapState, most: number): readonly KeyRange[] {
  if (state?.format !== "quorate-range-map" || state.version !== STATE_VERSION) {
    throw invalid(`not the state of a range map of version ${STATE_VERSION}`);
  }
  const { ranges } = state;
  if (!Array.isArray(ranges) || ranges.length === 0 || ranges.length > most) {
    throw invalid(`there must be 1 to ${most} ranges`);
  }
  const starts = state.ranges.map(({ start }) => bytes(start));
  if ((starts[0] as Uint8Array).length > 0) throw invalid("the first range must start at no byte");
  return state.ranges.map(({ node, epoch }, index) => {
    const start = starts[index] as Uint8Array;
    const end = starts[index + 1];
    if (end !== undefined && compareKeys(start, start.length, end) >= 0) {
      throw invalid("ranges must be in order");
    }
    if (!(Number.isSafeInteger(epoch) && epoch >= 1)) throw invalid("an epoch is whole, from 1");
    return { start, end, node: nodeName(node), epoch };
  });
}

function nodeName(node: string): string {
  try {
    return nodeInfo({ name: node }).name;
  } catch (error) {
    throw invalid("a range has no valid node", { cause: error });
  }
}

function hex(key: Uint8Array): string {
  return Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(digits: unknown): Uint8Array {
  if (typeof digits !== "string" || !HEX.test(digits)) throw invalid("a start is not hexadecimal");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}

function invalid(message: string, options?: ErrorOptions): ConsistentHashingError {
  return new ConsistentHashingError("invalid-state", message, options);
}
