import { TransportError, type TransportErrorCode } from "@quorate/transport";
import { decodeResult } from "../codec/decode-result.ts";
import type { CommandResult, DoneResult } from "../operation-result.ts";
import type { Answer, Request } from "../protocol/protocol.ts";
import type { GaveUp, Task } from "./attempts.ts";
import type { ClientSession } from "./client-sessions.ts";
import type { RejectedWrite, UnknownWrite, WriteOutcome } from "./write-outcome.ts";

/** After these the other side surely did nothing (see `TransportErrorCode`). */
const NOTHING_DONE: ReadonlySet<TransportErrorCode> = new Set<TransportErrorCode>([
  "not-started",
  "unknown-peer",
  "unreachable",
  "too-large",
  "overloaded",
  "no-handler",
]);

/** The session is not known, and no attempt was taken before: the write may begin anew. */
const BEGIN_ANEW: { readonly kind: "begin-anew" } = { kind: "begin-anew" };

/** How a write in one session ended. */
export type Written = WriteOutcome<DoneResult> | typeof BEGIN_ANEW;

/** One write in one session: all its attempts carry the same number. */
export class WriteTask implements Task<Written> {
  readonly #command: Uint8Array;
  readonly #session: ClientSession;
  readonly #sequence: number;
  /** Whether some attempt may be in the log, or get there yet. */
  #maybeTaken = false;

  constructor(command: Uint8Array, session: ClientSession) {
    this.#command = command;
    this.#session = session;
    this.#sequence = session.sequences.begin();
  }

  request(timeoutMs: number): Request {
    return {
      kind: "propose",
      timeoutMs,
      sessionId: this.#session.id,
      sequence: this.#sequence,
      // As of this attempt: others may have been answered since the one before.
      answeredBelow: this.#session.sequences.answeredBelow,
      command: this.#command,
    };
  }

  take(answer: Answer): Written | undefined {
    switch (answer.kind) {
      case "committed":
        return this.#committed(answer.index, answer.result);
      case "refused":
        return rejected(answer.code);
      case "rejected":
        // Sure of this attempt only: an earlier one may be in the log all the same.
        if (answer.reason === "too-large") return rejected("request-too-large");
        if (answer.reason !== "session-expired") return undefined;
        return this.#maybeTaken ? unknown("session-expired") : BEGIN_ANEW;
      case "unknown":
        this.#maybeTaken = true;
        return undefined;
      case "session":
      case "value":
      case "unreadable":
      case "kept":
      case "time-to-live":
      case "leases":
      case "deferred":
        this.#maybeTaken = true; // it has no answer: who knows what the node did
        return undefined;
    }
  }

  lost(error: Error): Written | undefined {
    const nothingDone = error instanceof TransportError && NOTHING_DONE.has(error.code);
    if (!nothingDone) this.#maybeTaken = true;
    if (error instanceof TransportError && error.code === "too-large") {
      return rejected("request-too-large");
    }
    return undefined;
  }

  #committed(index: number, bytes: Uint8Array): Written | undefined {
    let result: CommandResult;
    try {
      result = decodeResult(bytes);
    } catch {
      this.#maybeTaken = true; // of a later version, perhaps; another node may speak ours
      return undefined;
    }
    // Refused by the state machine, on every replica alike: it changed nothing.
    if (result.kind === "refused") return rejected(result.code);
    return { kind: "committed", index, result };
  }

  /** How it ended, when it is tried no more. */
  givenUp(end: GaveUp): RejectedWrite | UnknownWrite {
    return this.#maybeTaken ? unknown(end.reason) : notTaken(end);
  }

  /** No attempt will be made any more. */
  end(): void {
    this.#session.sequences.end(this.#sequence);
  }
}

/** How a write ended that no node may have taken. */
export function notTaken({ reason, cause }: GaveUp): RejectedWrite {
  if (reason !== "timeout") return rejected(reason);
  const overloaded =
    cause instanceof TransportError
      ? cause.code === "overloaded"
      : cause && "reason" in cause && cause.reason === "overloaded";
  return rejected(overloaded ? "overloaded" : "unavailable");
}

export function rejected(reason: RejectedWrite["reason"]): RejectedWrite {
  return { kind: "rejected", reason };
}

function unknown(reason: UnknownWrite["reason"]): UnknownWrite {
  return { kind: "unknown", reason };
}
