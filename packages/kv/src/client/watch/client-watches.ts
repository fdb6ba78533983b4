import { type BytesLike, toBytes } from "../../byte-string.ts";
import { KvError } from "../../kv-error.ts";
import type { KeyRange } from "../../prefix.ts";
import type { ValidatedClientOptions } from "../client-options.ts";
import { targetOf } from "../../watch/watch-request.ts";
import { ClientWatch } from "./client-watch.ts";
import type { KvWatch, WatchOptions } from "./kv-watch.ts";
import type { WatchLink } from "./watch-link.ts";

/** Begins watches. */
export class ClientWatches {
  readonly #link: WatchLink;
  readonly #currentRevision: () => Promise<number>;
  readonly #options: ValidatedClientOptions;
  #reading: Promise<number> | undefined;

  /** `currentRevision` reads it, linearizably. */
  constructor(
    link: WatchLink,
    currentRevision: () => Promise<number>,
    options: ValidatedClientOptions,
  ) {
    this.#link = link;
    this.#currentRevision = currentRevision;
    this.#options = options;
  }

  /** @throws {KvError} `invalid-option`, `empty-key`. */
  watch(keys: BytesLike | KeyRange, options: WatchOptions): KvWatch {
    const { signal, progress = false, startRevision = 0 } = options;
    const { timeoutMs = this.#options.timeoutMs } = options;
    if (!(timeoutMs > 0)) {
      throw new KvError("invalid-option", `timeoutMs must be above 0, not ${timeoutMs}`);
    }
    const { prevKv = false, noPuts = false, noDeletes = false } = options;
    const range =
      typeof keys === "string" || keys instanceof Uint8Array ? { key: keys, rangeEnd: "" } : keys;
    const [key, rangeEnd] = [toBytes(range.key), toBytes(range.rangeEnd)];
    const request = { key, rangeEnd, startRevision, prevKv, noPuts, noDeletes };
    targetOf(request); // throws what a node would refuse
    const starting = startRevision > 0 ? Promise.resolve(startRevision) : this.#afterCurrent();
    const maxWaitingBytes = this.#options.watchBufferBytes;
    const settings = { tellsProgress: progress, timeoutMs, maxWaitingBytes, signal };
    return new ClientWatch(request, settings, this.#link, starting);
  }

  /** Those that begin within a turn share a read. */
  #afterCurrent(): Promise<number> {
    this.#reading ??= Promise.resolve().then(async () => {
      this.#reading = undefined;
      return 1 + (await this.#currentRevision());
    });
    return this.#reading;
  }
}
