import type { Committed, StateMachine } from "@quorate/replication";
import type { ByteString } from "./byte-string.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { decodeCommand } from "./codec/decode-operation.ts";
import { writeResult } from "./codec/encode-result.ts";
import { commandErrorCode, KvError } from "./kv-error.ts";
import { MAX_REQUEST_BYTES, MAX_RESULT_BYTES } from "./limits.ts";
import type { CommandResult } from "./operation-result.ts";
import type { DecodedOperation } from "./operation.ts";
import { checkOperation } from "./store/check-operation.ts";
import { executeOperation } from "./store/execute-operation.ts";
import { executeRange } from "./store/execute-range.ts";
import { readSnapshot } from "./store/read-snapshot.ts";
import { Store } from "./store/store.ts";
import { writeSnapshot } from "./store/write-snapshot.ts";

/**
 * An ordered key-value store as a replicated log's state machine: commands by `encodeCommand`,
 * results for `decodeResult`. A command that is refused changes nothing and has a result that says
 * why, whatever its bytes.
 */
export class KvStateMachine implements StateMachine {
  readonly #writer = new ByteWriter(MAX_RESULT_BYTES, "result-too-large");
  #store = new Store();

  /** 1 at first; one more with each command that wrote. */
  get revision(): number {
    return this.#store.revision;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#store.size;
  }

  /**
   * 16 hexadecimal digits, equal where keys, values and revisions are equal, and, but for one
   * chance in 2^64, only there. Costs nothing to ask for. Not against someone who chooses values to
   * deceive it.
   */
  hash(): string {
    return this.#store.digest();
  }

  apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.map(({ command }) => this.#answer(() => this.#apply(command)));
  }

  /**
   * Answers an encoded range without changing anything; any other command is refused with
   * `not-a-read`. For `ReplicatedLog.read`.
   */
  query(command: Uint8Array): Uint8Array {
    return this.#answer(() => this.#encode(this.#query(checked(command))));
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return writeSnapshot(this.#store);
  }

  /** @throws {KvError} `corrupt`, `unsupported-version`; the old state is kept. */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#store = await readSnapshot(chunks);
  }

  #apply(command: Uint8Array): Uint8Array {
    const operation = checked(command);
    try {
      // Encoded before it is committed: a result that is too large must leave no trace.
      const result = this.#encode(executeOperation(this.#store, operation));
      this.#store.commit();
      return result;
    } catch (error) {
      this.#store.rollback();
      throw error;
    }
  }

  #query(operation: DecodedOperation): CommandResult<ByteString> {
    if (operation.kind === "range") return executeRange(this.#store, operation);
    throw new KvError("not-a-read", "only a range can be read without the log");
  }

  #answer(run: () => Uint8Array): Uint8Array {
    try {
      return run();
    } catch (error) {
      const code = commandErrorCode(error);
      if (code === undefined) throw error;
      return this.#encode({ kind: "refused", code });
    }
  }

  #encode(result: CommandResult<ByteString>): Uint8Array {
    return this.#writer.message((writer) => writeResult(writer, result));
  }
}

function checked(command: Uint8Array): DecodedOperation {
  if (command.length > MAX_REQUEST_BYTES) {
    throw new KvError("request-too-large", `${command.length} bytes, above ${MAX_REQUEST_BYTES}`);
  }
  const operation = decodeCommand(command);
  checkOperation(operation);
  return operation;
}
