import { type Outcome, type ReplicatedLog, ReplicationError } from "@quorate/replication";
import type { Transport, Unsubscribe } from "@quorate/transport";
import { commandErrorCode } from "./kv-error.ts";
import type { KvStateMachine } from "./kv-state-machine.ts";
import { encodeAnswer } from "./protocol/answer-codec.ts";
import type { Answer, Request } from "./protocol/protocol.ts";
import { decodeRequest } from "./protocol/request-codec.ts";
import { protocolOf } from "./protocol/store-protocol.ts";

/** How a store is served. */
export interface ServeKvOptions {
  /**
   * The name of the store, of 1 to 64 letters, digits, dots, underscores and hyphens, when a
   * transport serves several; its clients are given the same.
   *
   * @default no name
   */
  readonly store?: string;
}

/**
 * Answers the requests of `createKvClient` on this node, until the returned function is called.
 * What is under way then is answered still. How many requests may be under way is for the transport
 * and the log to bound; each ends within the time that its client allows.
 *
 * @throws {TransportError} `already-handled` when this transport serves a store of that name already.
 * @throws {KvError} `invalid-option`.
 */
export function serveKv(
  log: ReplicatedLog<KvStateMachine>,
  transport: Transport,
  { store }: ServeKvOptions = {},
): Unsubscribe {
  return transport.onRequest(protocolOf(store), (_from, message) => {
    try {
      return answerTo(log, decodeRequest(message)).catch(refusal);
    } catch (error) {
      return refusal(error);
    }
  });
}

// Neither proposals nor reads are given the request's signal: they end by their timeout, and a
// listener each would cost more than the few that are given up earlier.
function answerTo(log: ReplicatedLog<KvStateMachine>, request: Request): Promise<Uint8Array> {
  const { timeoutMs } = request;
  switch (request.kind) {
    case "propose": {
      const { sessionId, sequence, answeredBelow, command } = request;
      const session = { sessionId, sequence, answeredBelow };
      return log.propose(command, { session, timeoutMs }).then(proposed);
    }
    case "open-session":
      return log.openSession({ timeoutMs }).then(opened);
    case "read": {
      const { consistency, command } = request;
      return log
        .read((state) => state.query(command), { consistency, timeoutMs })
        .then(
          ({ index, value }) => encodeAnswer({ kind: "value", index, result: value }),
          (error: unknown) => unreadable(log, error),
        );
    }
  }
}

function proposed(outcome: Outcome): Uint8Array {
  const { kind } = outcome;
  if (kind === "committed") {
    return encodeAnswer({ kind, index: outcome.index, result: outcome.result });
  }
  return encodeAnswer(unsettled(outcome));
}

function opened(outcome: Outcome<number>): Uint8Array {
  return encodeAnswer(
    outcome.kind === "committed"
      ? { kind: "session", sessionId: outcome.result }
      : unsettled(outcome),
  );
}

function unsettled(outcome: Exclude<Outcome, { readonly kind: "committed" }>): Answer {
  if (outcome.kind === "unknown") return outcome;
  return { kind: "rejected", reason: outcome.reason, leader: outcome.leader };
}

function unreadable(log: ReplicatedLog<KvStateMachine>, error: unknown): Uint8Array {
  if (!(error instanceof ReplicationError) || error.code === "invalid-option") throw error;
  return encodeAnswer({ kind: "unreadable", leader: log.status().leader });
}

/** What the client asked for makes no sense; anything else reaches it as `remote-error`. */
function refusal(error: unknown): Uint8Array {
  const isInvalid = error instanceof ReplicationError && error.code === "invalid-option";
  const code = isInvalid ? "malformed" : commandErrorCode(error);
  if (code === undefined) throw error;
  return encodeAnswer({ kind: "refused", code });
}
