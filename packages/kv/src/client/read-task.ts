import type { ReadConsistency } from "@quorate/replication";
import { decodeResult } from "../codec/decode-result.ts";
import { KvError } from "../kv-error.ts";
import type { CommandResult, RefusedResult } from "../operation-result.ts";
import type { Answer, Request } from "../protocol/protocol.ts";
import type { GaveUp, Task } from "./attempts.ts";

/** One read. It changes nothing, so it is tried as often as there is time for. */
export class ReadTask implements Task<CommandResult> {
  readonly #command: Uint8Array;
  readonly #consistency: ReadConsistency;

  constructor(command: Uint8Array, consistency: ReadConsistency) {
    this.#command = command;
    this.#consistency = consistency;
  }

  request(timeoutMs: number): Request {
    const [command, consistency] = [this.#command, this.#consistency];
    return { kind: "read", timeoutMs, consistency, command };
  }

  take(answer: Answer): CommandResult | undefined {
    if (answer.kind === "refused") return { kind: "refused", code: answer.code };
    return answer.kind === "value" ? decodeResult(answer.result) : undefined;
  }

  lost(): undefined {}
}

/** The error that a refused read ends with. */
export function refusedRead({ code }: RefusedResult): KvError {
  return new KvError(code, `the read was refused: ${code}`);
}

/** What a read throws that was tried no more. */
export function unread({ reason, cause }: GaveUp, signal: AbortSignal | undefined): unknown {
  if (reason === "aborted") return signal?.reason;
  if (reason === "stopped") return new KvError("stopped", "the client was stopped", { cause });
  return new KvError("unavailable", "no node answered the read in time", { cause });
}
