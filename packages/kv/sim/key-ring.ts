/**
 * The keys that users share. A write of unknown outcome stays open in the history for good, and its
 * check is exponential in those of one key: a key that has had a few is retired for a fresh one.
 */
export class KeyRing {
  readonly #maxUnknown: number;
  readonly #names: string[];
  readonly #unknown = new Map<string, number>();
  #made = 0;

  constructor(size: number, maxUnknown: number) {
    this.#maxUnknown = maxUnknown;
    this.#names = Array.from({ length: size }, () => this.#fresh());
  }

  /** Those that are in use now. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** A write of this key ended without an answer. Returns whether it was retired for that. */
  noteUnknown(name: string): boolean {
    const unknown = (this.#unknown.get(name) ?? 0) + 1;
    this.#unknown.set(name, unknown);
    const place = this.#names.indexOf(name);
    if (place === -1 || unknown < this.#maxUnknown) return false;
    this.#names[place] = this.#fresh();
    return true;
  }

  #fresh(): string {
    return `${SHARED_PREFIX}${this.#made++}`;
  }
}

/** What all shared keys begin with, the retired ones too. */
export const SHARED_PREFIX = "shared/";
