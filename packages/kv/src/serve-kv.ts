import {
  type Outcome,
  type ReadConsistency,
  type ReplicatedLog,
  ReplicationError,
} from "@quorate/replication";
import { type Clock, systemClock } from "@quorate/runtime";
import type { Transport, Unsubscribe } from "@quorate/transport";
import { AnswerBatch, refusal } from "./answer-batch.ts";
import { KvError } from "./kv-error.ts";
import type { KvStateMachine } from "./kv-state-machine.ts";
import { type KeepAlivesOutcome, LeaseKeeper } from "./lease/lease-keeper.ts";
import { encodeAnswers } from "./protocol/answer-codec.ts";
import type { Answer, Request } from "./protocol/protocol.ts";
import { decodeRequests } from "./protocol/request-codec.ts";
import { protocolOf } from "./protocol/store-protocol.ts";
import { ReadTogether } from "./read-together.ts";
import { WatchHub } from "./watch/watch-hub.ts";
import { WatchServer } from "./watch/watch-server.ts";

/** Far below what a frame may have, which is for the ids of watches, too. */
const MAX_WATCH_MESSAGE_BYTES = 4_194_304;

/** How a store is served. */
export interface ServeKvOptions {
  /**
   * The name of the store, of 1 to 64 letters, digits, dots, underscores and hyphens, when a
   * transport serves several; its clients are given the same.
   *
   * @default no name
   */
  readonly store?: string;
  /**
   * About how many bytes of events a message to a watch may have, from 1 to 4,194,304: a revision above
   * it comes in fragments, each of at least one event.
   *
   * @default 1_048_576
   */
  readonly watchMessageBytes?: number;
}

/** What serving needs from outside; each has a default. */
export interface ServeKvDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /**
   * Counts the leases of this node's store; who brings one stops it. There must be one a node, since
   * one that hears no keep-alives would revoke what another renews.
   *
   * @default one of its own
   */
  readonly leases?: LeaseKeeper;
  /**
   * Has the watches of this node's store; who brings one stops it.
   *
   * @default one of its own
   */
  readonly watches?: WatchHub;
}

/** What answers the requests of one store. */
interface Served {
  readonly log: ReplicatedLog<KvStateMachine>;
  readonly leases: LeaseKeeper;
  readonly reads: Readonly<Record<ReadConsistency, ReadTogether>>;
}

/**
 * Answers `createKvClient` on this node, counts its leases while it leads, and tells its watches, until
 * the returned function is called. Requests that are under way then are answered still; watches go on
 * elsewhere. How many requests may be under way is for the transport and the log to bound; each ends
 * within the time that its client allows.
 *
 * @throws {TransportError} `already-handled` when this transport serves a store of that name already.
 * @throws {KvError} `invalid-option`.
 */
export function serveKv(
  log: ReplicatedLog<KvStateMachine>,
  transport: Transport,
  { store, watchMessageBytes = 1_048_576 }: ServeKvOptions = {},
  { clock = systemClock, leases, watches }: ServeKvDependencies = {},
): Unsubscribe {
  const protocol = protocolOf(store);
  if (!(watchMessageBytes >= 1 && watchMessageBytes <= MAX_WATCH_MESSAGE_BYTES)) {
    const rule = `watchMessageBytes must be from 1 to ${MAX_WATCH_MESSAGE_BYTES}`;
    throw new KvError("invalid-option", `${rule}, not ${watchMessageBytes}`);
  }
  const keeper = leases ?? new LeaseKeeper(log, log.machine, { clock });
  const hub = watches ?? new WatchHub(log.machine);
  const reads = {
    linearizable: new ReadTogether(log, "linearizable"),
    stale: new ReadTogether(log, "stale"),
  };
  const served = { log, leases: keeper, reads };
  const watching = new WatchServer(log, hub, { clock, maxMessageBytes: watchMessageBytes });
  const ends: (() => void)[] = [];
  if (!leases) ends.push(() => keeper.stop());
  if (!watches) ends.push(() => hub.stop());
  ends.push(() => watching.stop());
  const end = (): void => {
    for (const each of ends.splice(0)) each();
  };
  try {
    ends.push(transport.onRequest(protocol, (_from, message) => answered(served, message)));
    ends.push(transport.onStream(protocol, (_from, stream) => watching.serve(stream)));
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

function answered(served: Served, message: Uint8Array): Promise<Uint8Array> | Uint8Array {
  try {
    const { maxAnswerBytes, requests } = decodeRequests(message);
    const answers = new AnswerBatch(requests.length, maxAnswerBytes);
    for (let at = 0; at < requests.length; at++) answer(served, requests[at]!, answers, at);
    return answers.whole.then((all) => encodeAnswers(all, maxAnswerBytes));
  } catch (error) {
    const why = refusal(error);
    if (!why) throw error;
    return encodeAnswers([why], 0);
  }
}

// Neither proposals nor reads are given the request's signal: they end by their timeout, and a
// listener each would cost more than the few that are given up earlier.
function answer(served: Served, request: Request, answers: AnswerBatch, at: number): void {
  const { timeoutMs } = request;
  if (request.kind === "read") {
    const { command, consistency } = request;
    return served.reads[consistency].add({ command, answers, at }, timeoutMs);
  }
  answerTo(served, request).then(
    (each) => answers.set(at, each),
    (error: unknown) => answers.failed(at, error),
  );
}

function answerTo(
  { log, leases }: Served,
  request: Exclude<Request, { readonly kind: "read" }>,
): Promise<Answer> {
  const { timeoutMs } = request;
  switch (request.kind) {
    case "propose": {
      const { sessionId, sequence, answeredBelow, command } = request;
      const session = { sessionId, sequence, answeredBelow };
      return log.propose(command, { session, timeoutMs }).then(proposed);
    }
    case "open-session":
      return log.openSession({ timeoutMs }).then(opened);
    case "keep-alive":
      return leases.keepAliveMany(request.leases, { timeoutMs }).then(kept);
    case "time-to-live":
      return read(log, timeoutMs, () => timeToLive(log, leases, request.lease));
    case "leases":
      return read(log, timeoutMs, () => ({ kind: "leases", leases: log.machine.leases() }));
  }
}

async function read(
  log: ReplicatedLog<KvStateMachine>,
  timeoutMs: number,
  ask: () => Answer,
): Promise<Answer> {
  try {
    return (await log.read(ask, { timeoutMs })).value;
  } catch (error) {
    if (!(error instanceof ReplicationError) || error.code === "invalid-option") throw error;
    return { kind: "unreadable", leader: log.status().leader };
  }
}

function kept(outcome: KeepAlivesOutcome): Answer {
  return outcome.kind === "kept" ? outcome : { kind: "unreadable", leader: outcome.leader };
}

function timeToLive(log: ReplicatedLog, leases: LeaseKeeper, id: number): Answer {
  const lease = leases.timeToLive(id);
  if (!lease) return { kind: "refused", code: "lease-not-found" };
  const { remainingMs } = lease;
  // Only who leads knows how long it has left.
  if (remainingMs === undefined) return { kind: "unreadable", leader: log.status().leader };
  return { kind: "time-to-live", lease: { ...lease, remainingMs } };
}

function proposed(outcome: Outcome): Answer {
  return outcome.kind === "committed" ? outcome : unsettled(outcome);
}

function opened(outcome: Outcome<number>): Answer {
  if (outcome.kind === "committed") return { kind: "session", sessionId: outcome.result };
  return unsettled(outcome);
}

function unsettled(outcome: Exclude<Outcome, { readonly kind: "committed" }>): Answer {
  if (outcome.kind === "unknown") return outcome;
  return { kind: "rejected", reason: outcome.reason, leader: outcome.leader };
}
