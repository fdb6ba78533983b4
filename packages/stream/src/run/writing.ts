import type { SinkWriter } from "../connector.ts";
import type { SinkBuffer } from "../core/sink-buffer.ts";
import { StreamError, type StreamErrorCode } from "../stream-error.ts";

/** An open sink of a subtask, and the transactions that it has prepared. */
export class Writing {
  readonly id: string;
  readonly #buffer: SinkBuffer<unknown>;
  readonly #writer: SinkWriter<unknown>;
  /** Prepared and not committed, by checkpoint. */
  readonly #prepared = new Map<number, unknown>();

  constructor(id: string, buffer: SinkBuffer<unknown>, writer: SinkWriter<unknown>) {
    this.id = id;
    this.#buffer = buffer;
    this.#writer = writer;
  }

  /** Whether there is anything to write or to prepare. */
  get isDue(): boolean {
    return !this.#buffer.isEmpty || this.isPreparing;
  }

  /** A barrier came, and the transaction before it is not prepared. */
  get isPreparing(): boolean {
    return this.#buffer.barrierId !== undefined;
  }

  /**
   * Writes what is in the buffer, and prepares the transaction if a barrier came after it.
   *
   * @throws {StreamError} `sink-failed`
   */
  async drain(): Promise<void> {
    const records = this.#buffer.drain();
    const { barrierId } = this.#buffer;
    try {
      if (records.length > 0) await this.#writer.write(records);
      if (barrierId === undefined) return;
      const transaction = await this.#writer.prepare(barrierId);
      if (transaction !== undefined) this.#prepared.set(barrierId, transaction);
    } catch (error) {
      throw this.#failed("sink-failed", "", error);
    }
    this.#buffer.prepared();
  }

  /** What the writer prepared at that barrier. */
  prepared(checkpointId: number): unknown {
    return this.#prepared.get(checkpointId);
  }

  /**
   * All transactions up to that checkpoint, in their order.
   *
   * @throws {StreamError} `commit-failed`
   */
  async commit(checkpointId: number): Promise<void> {
    for (const [id, transaction] of this.#prepared) {
      if (id > checkpointId) return;
      try {
        await this.#writer.commit(transaction);
      } catch (error) {
        const which = `, at the commit of transaction ${JSON.stringify(transaction)}`;
        throw this.#failed("commit-failed", which, error);
      }
      this.#prepared.delete(id);
    }
  }

  /** What closing throws is of no interest any more. */
  async close(): Promise<void> {
    try {
      await this.#writer.close?.();
    } catch {}
  }

  #failed(code: StreamErrorCode, when: string, cause: unknown): StreamError {
    const message = `sink ${this.id} failed${when}: ${(cause as Error)?.message ?? cause}`;
    return new StreamError(code, message, { cause });
  }
}
