/**
 * The keys that clients share. Writes of unknown outcome stay open in the history and make its check
 * exponential, so a key that has had a few of them is retired for a fresh one.
 */
export class KeyRing {
  readonly #maxUnknown: number;
  readonly #keys: { name: string; generation: number; unknown: number }[];

  /** @param maxUnknown of writes of one key, about: those under way when it is retired may join */
  constructor(count: number, maxUnknown: number) {
    this.#maxUnknown = maxUnknown;
    this.#keys = Array.from({ length: count }, (_, at) => fresh(at, 0));
  }

  get count(): number {
    return this.#keys.length;
  }

  /** The name of the key that is in use in this place now. */
  name(place: number): string {
    return this.#keys[place]!.name;
  }

  /** A write of this key has ended without an answer. */
  noteUnknown(name: string): void {
    const place = this.#keys.findIndex((key) => key.name === name);
    const key = this.#keys[place];
    if (!key) return; // retired already
    if (++key.unknown >= this.#maxUnknown) this.#keys[place] = fresh(place, key.generation + 1);
  }
}

function fresh(
  place: number,
  generation: number,
): {
  name: string;
  generation: number;
  unknown: number;
} {
  return { name: `key${place}/${generation}`, generation, unknown: 0 };
}
