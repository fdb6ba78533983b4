import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import type { Segments } from "./core/placement.ts";
import type { Locator } from "./locator.ts";
import { PlacedLocator } from "./placed-locator.ts";
import { SAMPLES } from "./samples.ts";

/** Hashes (see `Locator.hashOf`) from `start` up to, not including, `end`, that change nodes. */
export interface MovedRange {
  /** 0 to 2^32-1. */
  readonly start: number;
  /** 1 to 2^32. */
  readonly end: number;
  /** Who held the keys; undefined when there was no node. */
  readonly from: string | undefined;
  /** Who holds them now; undefined when there is no node. */
  readonly to: string | undefined;
}

/** What one node hands over to one other. */
export interface Move {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Of all hashes, 0 to 1. */
  readonly share: number;
}

/** What a change moves. */
export interface Plan {
  /**
   * Whether `ranges` is complete and the shares are exact: with rings, Maglev and ketama. With the
   * other algorithms no node has ranges; then shares are counted over 65,536 hashes, and `ranges`
   * is empty.
   */
  readonly exact: boolean;
  /** The share of all hashes that move, 0 to 1. */
  readonly movedShare: number;
  /** From whom to whom, the greatest share first. */
  readonly moves: readonly Move[];
  /** In order, none touching the next one of the same two nodes. */
  readonly ranges: readonly MovedRange[];
}

/**
 * What moves between two sets of nodes: the same one before and after a change (`fromJSON` of its
 * state is a copy), or two different ones that hash keys alike. Looks at no key.
 *
 * @throws {ConsistentHashingError} `incompatible` when the sets hash keys differently
 */
export function plan(before: Locator, after: Locator): Plan {
  const [old, now] = [placed(before), placed(after)];
  if (old.hashIdentity() !== now.hashIdentity()) {
    throw new ConsistentHashingError(
      "incompatible",
      `one set hashes keys by ${old.hashIdentity()}, the other by ${now.hashIdentity()}`,
    );
  }
  const [oldSegments, newSegments] = [segmentsOf(old), segmentsOf(now)];
  if (oldSegments === undefined || newSegments === undefined) return sampled(old, now);
  return exact(movedRanges(old, oldSegments, now, newSegments));
}

function placed(locator: Locator): PlacedLocator {
  if (locator instanceof PlacedLocator) return locator;
  throw new ConsistentHashingError("incompatible", "not a set of nodes of this package");
}

/** Of an empty set one segment that nobody has, as far as the algorithm has segments at all. */
function segmentsOf(locator: PlacedLocator): Segments | undefined {
  if (locator.size > 0) return locator.segments();
  return { starts: Float64Array.of(0), slots: Int32Array.of(-1) };
}

function movedRanges(
  old: PlacedLocator,
  oldSegments: Segments,
  now: PlacedLocator,
  newSegments: Segments,
): readonly MovedRange[] {
  const ranges: MovedRange[] = [];
  let oldIndex = 0;
  let newIndex = 0;
  for (let start = 0; start < 2 ** 32;) {
    const oldEnd = oldSegments.starts[oldIndex + 1] ?? 2 ** 32;
    const newEnd = newSegments.starts[newIndex + 1] ?? 2 ** 32;
    const end = Math.min(oldEnd, newEnd);
    const from = nameOf(old, oldSegments.slots[oldIndex] as number);
    const to = nameOf(now, newSegments.slots[newIndex] as number);
    if (from !== to) append(ranges, { start, end, from, to });
    if (oldEnd === end) oldIndex++;
    if (newEnd === end) newIndex++;
    start = end;
  }
  return ranges;
}

function append(ranges: MovedRange[], range: MovedRange): void {
  const last = ranges.at(-1);
  if (last?.end === range.start && last.from === range.from && last.to === range.to) {
    ranges[ranges.length - 1] = { ...last, end: range.end };
  } else {
    ranges.push(range);
  }
}

function nameOf(locator: PlacedLocator, slot: number): string | undefined {
  return slot < 0 ? undefined : locator.nameOf(slot);
}

function exact(ranges: readonly MovedRange[]): Plan {
  const tally = new Tally();
  for (const { start, end, from, to } of ranges) tally.add(from, to, (end - start) / 2 ** 32);
  return { exact: true, ...tally.result(), ranges };
}

function sampled(old: PlacedLocator, now: PlacedLocator): Plan {
  const tally = new Tally();
  for (let sample = 0; sample < SAMPLES; sample++) {
    const from = nameOf(old, old.slotOfSample(sample));
    const to = nameOf(now, now.slotOfSample(sample));
    if (from !== to) tally.add(from, to, 1 / SAMPLES);
  }
  return { exact: false, ...tally.result(), ranges: [] };
}

/** Shares by pairs of nodes. */
class Tally {
  readonly #shares = new Map<string | undefined, Map<string | undefined, number>>();

  add(from: string | undefined, to: string | undefined, share: number): void {
    let byTo = this.#shares.get(from);
    if (byTo === undefined) this.#shares.set(from, (byTo = new Map()));
    byTo.set(to, (byTo.get(to) ?? 0) + share);
  }

  result(): { readonly movedShare: number; readonly moves: readonly Move[] } {
    const moves = [...this.#shares]
      .flatMap(([from, byTo]) => [...byTo].map(([to, share]) => ({ from, to, share })))
      .sort((a, b) => b.share - a.share);
    return { movedShare: moves.reduce((sum, { share }) => sum + share, 0), moves };
  }
}
