import { type Cell, type Mark, MAX_MARKS } from "./cell.ts";

/** A write that was proposed, and may be chosen. */
interface Attempt<R> {
  /** Of the mark that its cell has. */
  readonly sequence: number;
  readonly results: R;
}

/**
 * What became of earlier attempts, as the cell shows that the next ballot is bound to:
 *
 * - `none`: none of them is part of it, and so none is chosen or will be once this ballot is.
 * - `applied`: this one is; the cell followed from it.
 * - `lost-track`: too many others have written since, or the key was forgotten: nobody can tell.
 */
export type Trace<R> =
  | { readonly kind: "none" }
  | { readonly kind: "applied"; readonly results: R }
  | { readonly kind: "lost-track" };

const NONE = { kind: "none" } as const;
const LOST_TRACK = { kind: "lost-track" } as const;

/**
 * The attempts of one writer at one batch of operations on one key. A proposal that was outbid may have
 * been accepted by somebody, and be taken up and chosen by another proposer: to write it again would
 * write it twice (paxos.md, 15), and to give up would leave the caller in the dark.
 */
export class Attempts<R> {
  readonly #incarnation: number;
  #base: readonly Mark[] = [];
  #firstRound = 0;
  readonly #made: Attempt<R>[] = [];

  constructor(incarnation: number) {
    this.#incarnation = incarnation;
  }

  get isEmpty(): boolean {
    return this.#made.length === 0;
  }

  /** In a ballot of `round`, a write with this mark is proposed, which follows from `base`. */
  add(base: Cell | undefined, round: number, sequence: number, results: R): void {
    if (this.isEmpty) {
      this.#base = base?.marks ?? [];
      this.#firstRound = round;
    }
    this.#made.push({ sequence, results });
  }

  /** @param forgotten The highest round that any acceptor of a phase-1 quorum has forgotten. */
  trace(cell: Cell | undefined, forgotten: number): Trace<R> {
    if (this.isEmpty) return NONE;
    const own = cell?.marks.find(({ incarnation }) => incarnation === this.#incarnation);
    const applied = this.#made.find(({ sequence }) => sequence === own?.sequence);
    if (applied) return { kind: "applied", results: applied.results };
    // Where the cell's marks begin anew, an attempt from before is in none of them.
    if ((cell?.forgotten ?? forgotten) >= this.#firstRound) return LOST_TRACK;
    return cell && this.#isFull(cell.marks) ? LOST_TRACK : NONE;
  }

  /** Whether so many have written since the first attempt that its mark may have been pushed out. */
  #isFull(marks: readonly Mark[]): boolean {
    if (marks.length < MAX_MARKS) return false;
    return !marks.some((mark) =>
      this.#base.some(
        ({ incarnation, sequence }) =>
          incarnation === mark.incarnation && sequence === mark.sequence,
      ),
    );
  }
}
