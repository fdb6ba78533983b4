import type { Batch, SourceReader } from "../connector.ts";
import type { SourceInput } from "../core/source-input.ts";
import { StreamError } from "../stream-error.ts";

type Next = IteratorResult<Batch<unknown>>;

/** An open source of a subtask: at most one batch is read ahead of what was pushed. */
export class Reading {
  readonly id: string;
  readonly input: SourceInput<unknown>;
  isDone = false;
  readonly #reader: SourceReader<unknown>;
  readonly #batches: Iterator<Batch<unknown>> | AsyncIterator<Batch<unknown>>;
  readonly #onReady: () => void;
  #isWaiting = false;
  #isAsync = false;
  #ready: Next | undefined;
  #error: unknown;

  /** `onReady` is called when a batch came that was waited for. */
  constructor(
    id: string,
    input: SourceInput<unknown>,
    reader: SourceReader<unknown>,
    onReady: () => void,
  ) {
    this.id = id;
    this.input = input;
    this.#reader = reader;
    this.#onReady = onReady;
    this.#batches =
      Symbol.iterator in reader ? reader[Symbol.iterator]() : reader[Symbol.asyncIterator]();
  }

  /**
   * The next batch, or the end; undefined while it is waited for.
   *
   * @throws {StreamError} `source-failed`
   */
  take(): Next | undefined {
    if (this.#error) throw this.#error;
    const ready = this.#ready ?? this.#read();
    this.#ready = undefined;
    if (ready?.done) this.isDone = true;
    // What is waited for is asked for at once: it comes while this batch is worked on.
    else if (ready && this.#isAsync) this.#read();
    return ready;
  }

  /** @throws {StreamError} `source-failed` */
  async checkpointed(positions: ReadonlyMap<string, unknown>): Promise<void> {
    try {
      await this.#reader.checkpointed?.(positions);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** What closing throws is of no interest any more: all that counts is in the checkpoint. */
  async close(): Promise<void> {
    if (this.isDone) return;
    this.isDone = true;
    try {
      const closed = this.#batches.return?.();
      // A read that waits ends by its signal, or by nothing: it is not waited for.
      if (!this.#isWaiting) await closed;
      else void Promise.resolve(closed).catch(() => {});
    } catch {}
  }

  #read(): Next | undefined {
    if (this.#isWaiting) return undefined;
    try {
      const next = this.#batches.next();
      if (!(next instanceof Promise)) return next as Next;
      this.#isWaiting = true;
      this.#isAsync = true;
      next.then(
        (ready) => this.#settle(() => (this.#ready = ready)),
        (error) => this.#settle(() => (this.#error = this.#failed(error))),
      );
      return undefined;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #settle(keep: () => void): void {
    this.#isWaiting = false;
    keep();
    this.#onReady();
  }

  #failed(cause: unknown): StreamError {
    const message = `source ${this.id} failed: ${(cause as Error)?.message ?? cause}`;
    return new StreamError("source-failed", message, { cause });
  }
}
