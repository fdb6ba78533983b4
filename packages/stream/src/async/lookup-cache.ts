import { StreamError } from "../stream-error.ts";

export interface LookupCacheOptions {
  /** Most keys that are remembered; one more forgets the one that was used least recently. */
  readonly maxEntries: number;
  /** Processing time after which a value is looked up anew. @default Infinity */
  readonly ttlMs?: number;
}

interface Cached<V> {
  readonly expiresAtMs: number;
  /** A promise until it has resolved: equal keys in flight share one look-up. */
  value: V | PromiseLike<V>;
}

/** What was looked up lately, by key. Not part of checkpoints. A look-up that failed is forgotten. */
export class LookupCache<K, V> {
  readonly #entries = new Map<K, Cached<V>>();
  readonly #maxEntries: number;
  readonly #ttlMs: number;

  /** @throws {StreamError} `invalid-option` */
  constructor({ maxEntries, ttlMs = Infinity }: LookupCacheOptions) {
    if (!(Number.isInteger(maxEntries) && maxEntries >= 0)) {
      throw new StreamError("invalid-option", `maxEntries must not be ${maxEntries}`);
    }
    if (!(ttlMs > 0)) throw new StreamError("invalid-option", `ttlMs must not be ${ttlMs}`);
    this.#maxEntries = maxEntries;
    this.#ttlMs = ttlMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A look-up that is given up (`givenUp` aborts) is made again by the next who asks. */
  get(
    key: K,
    nowMs: number,
    lookUp: () => V | PromiseLike<V>,
    givenUp: () => AbortSignal,
  ): V | PromiseLike<V> {
    const cached = this.#entries.get(key);
    if (cached) this.#entries.delete(key);
    if (cached && cached.expiresAtMs > nowMs) {
      this.#entries.set(key, cached);
      return cached.value;
    }
    const value = lookUp();
    if (this.#maxEntries > 0) {
      this.#put(key, { value, expiresAtMs: nowMs + this.#ttlMs }, givenUp);
    }
    return value;
  }

  #put(key: K, cached: Cached<V>, givenUp: () => AbortSignal): void {
    if (this.#entries.size >= this.#maxEntries) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest as K);
    }
    this.#entries.set(key, cached);
    const { value } = cached;
    if (typeof (value as PromiseLike<V> | undefined)?.then !== "function") return;
    const forget = (): void => {
      if (this.#entries.get(key) === cached) this.#entries.delete(key);
    };
    givenUp().addEventListener("abort", forget, { once: true });
    (value as PromiseLike<V>).then((found) => void (cached.value = found), forget);
  }
}
