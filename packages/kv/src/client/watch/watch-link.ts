import { type Clock, pause, type Random, type Timer } from "@quorate/runtime";
import {
  type NodeId,
  type Transport,
  TransportError,
  type TransportStream,
} from "@quorate/transport";
import { KvError } from "../../kv-error.ts";
import { addFrame, readFrames } from "../../protocol/frames.ts";
import { protocolOf } from "../../protocol/store-protocol.ts";
import { decodeNews, encodeCall } from "../../protocol/watch-codec.ts";
import type { WatchCall, WatchNews } from "../../protocol/watch-protocol.ts";
import { decodeWatchEvents } from "../../watch/watch-event.ts";
import type { ValidatedClientOptions } from "../client-options.ts";
import type { ClientWatch, WatchSource } from "./client-watch.ts";

/** Calls that wait to leave for a node; one that takes them so slowly is left for another. */
const MAX_WAITING_CALLS = 262_144;

/** A node that tells this client its watches. */
interface Connection {
  readonly ending: AbortController;
  readonly calls: WatchCall[];
  stream: TransportStream | undefined;
  isWriting: boolean;
  /** Whether it has said anything. */
  isServing: boolean;
  /** Ends it unless something comes. */
  silence: Timer | undefined;
}

/**
 * All watches of a client on one stream to some node; when that is lost, on one to another, each from where
 * it is. Every node may tell them, since none tells what is before the revision that is asked for.
 */
export class WatchLink implements WatchSource {
  readonly #options: ValidatedClientOptions;
  readonly #protocol: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #stopping: AbortSignal;
  readonly #watches = new Map<number, ClientWatch>();
  #nextId = 1;
  #at: number;
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;
  /** Since when no node has served. */
  #unservedSinceMs: number;
  #lastError: unknown;
  #overdue: Timer | undefined;

  constructor(
    options: ValidatedClientOptions,
    dependencies: { transport: Transport; clock: Clock; random: Random },
    stopping: AbortSignal,
  ) {
    this.#options = options;
    this.#protocol = protocolOf(options.store);
    this.#transport = dependencies.transport;
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#stopping = stopping;
    this.#at = Math.floor(this.#random.next() * options.nodes.length);
    this.#unservedSinceMs = this.#clock.now();
    stopping.addEventListener("abort", () => this.#connection?.ending.abort(), { once: true });
  }

  /** Resolves once nothing is under way any more. */
  get idle(): Promise<void> | undefined {
    return this.#running;
  }

  attach(watch: ClientWatch): void {
    watch.watchId = this.#nextId++;
    watch.attachedAtMs = this.#clock.now();
    this.#watches.set(watch.watchId, watch);
    if (this.#connection?.stream) this.#ask(this.#connection, watch);
    if (!this.#connection?.isServing) this.#lookForOverdue();
    this.#running ??= this.#run();
  }

  detach(watch: ClientWatch): void {
    const { watchId } = watch;
    if (!this.#watches.delete(watchId)) return;
    if (this.#connection?.stream) this.#say(this.#connection, { kind: "cancel", watchId });
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (this.#watches.size > 0 && !this.#stopping.aborted) {
      const { nodes, firstRetryDelayMs, maxRetryDelayMs } = this.#options;
      const hasServed = await this.#serveFrom(nodes[this.#at % nodes.length]!);
      this.#at++;
      failures = hasServed ? 0 : failures + 1;
      const mostMs = Math.min(maxRetryDelayMs, firstRetryDelayMs * 2 ** failures);
      if (this.#watches.size > 0) {
        await pause(this.#clock, this.#random.next() * mostMs, [this.#stopping]);
      }
    }
    this.#running = undefined;
    this.#overdue?.cancel();
    this.#overdue = undefined;
    const stopped = new KvError("stopped", "the client was stopped");
    for (const watch of [...this.#watches.values()]) watch.fail(stopped);
  }

  /** Resolves once the node tells no more; whether it told anything. Never rejects. */
  async #serveFrom(node: NodeId): Promise<boolean> {
    const connection: Connection = {
      ending: new AbortController(),
      ...{ calls: [], stream: undefined, isWriting: false, isServing: false, silence: undefined },
    };
    this.#connection = connection;
    this.#giveUpUnlessHeard(connection);
    const progress = new Repeating(this.#clock, this.#options.watchProgressMs, () =>
      this.#keepUp(connection),
    );
    try {
      const { signal } = connection.ending;
      connection.stream = await this.#transport.openStream(node, this.#protocol, { signal });
      for (const watch of this.#watches.values()) this.#ask(connection, watch);
      this.#askForProgress(connection);
      for await (const frame of readFrames(connection.stream)) {
        this.#heard(connection);
        this.#take(decodeNews(frame), frame.length);
      }
    } catch (error) {
      if (!connection.ending.signal.aborted) this.#lastError = error;
      if (!isOfTheConnection(error, connection)) throw error;
    } finally {
      progress.stop();
      connection.silence?.cancel();
      connection.ending.abort();
      this.#connection = undefined;
      if (connection.isServing) this.#unservedSinceMs = this.#clock.now();
      this.#lookForOverdue();
    }
    return connection.isServing;
  }

  #heard(connection: Connection): void {
    connection.silence?.cancel();
    connection.silence = undefined;
    if (connection.isServing) return;
    connection.isServing = true;
    this.#overdue?.cancel();
    this.#overdue = undefined;
  }

  #take(news: WatchNews, bytes: number): void {
    switch (news.kind) {
      case "events": {
        const events = decodeWatchEvents(news.events);
        for (const id of news.watchIds) {
          const watch = this.#watches.get(id);
          if (watch && !watch.tell(events, news.isFragment, bytes)) this.detach(watch);
        }
        return;
      }
      case "progress":
        for (const id of news.watchIds) this.#watches.get(id)?.progress(news.revision);
        return;
      case "compacted": {
        const { watchId, compactRevision } = news;
        const why = `what the watch was to be told next is compacted up to ${compactRevision}`;
        const error = new KvError("compacted", why, { compactRevision });
        return this.#watches.get(watchId)?.fail(error);
      }
      case "refused":
        return this.#watches
          .get(news.watchId)
          ?.fail(new KvError(news.code, `a node refused the watch: ${news.code}`));
      case "alive":
    }
  }

  #ask(connection: Connection, watch: ClientWatch): void {
    watch.toldAnew();
    const { watchId, request } = watch;
    this.#say(connection, { kind: "watch", watchId, request });
  }

  /** A stream without watches is kept for a while: who watched one key often watches another soon. */
  #keepUp(connection: Connection): void {
    if (this.#watches.size === 0) connection.ending.abort();
    else this.#askForProgress(connection);
  }

  #askForProgress(connection: Connection): void {
    if (!connection.stream) return;
    const timeoutMs = Math.ceil(this.#options.attemptTimeoutMs);
    this.#say(connection, { kind: "progress", timeoutMs });
    this.#giveUpUnlessHeard(connection);
  }

  #giveUpUnlessHeard(connection: Connection): void {
    connection.silence ??= this.#clock.setTimer(this.#options.attemptTimeoutMs, () => {
      this.#lastError = new KvError("unavailable", "the node said nothing in time");
      connection.ending.abort();
    });
  }

  #say(connection: Connection, call: WatchCall): void {
    connection.calls.push(call);
    if (connection.calls.length > MAX_WAITING_CALLS) return connection.ending.abort();
    if (connection.isWriting) return;
    connection.isWriting = true;
    // What follows within this turn goes with it; how it ends, the reading side hears, too.
    queueMicrotask(() => void this.#write(connection).catch(() => connection.ending.abort()));
  }

  async #write(connection: Connection): Promise<void> {
    const { calls, stream } = connection;
    while (calls.length > 0) {
      const chunk: Uint8Array[] = [];
      for (const call of calls.splice(0)) addFrame(chunk, encodeCall(call));
      await stream!.write(Buffer.concat(chunk));
    }
    connection.isWriting = false;
  }

  /** Fails the watches that no node has told for too long, now or when it is time. */
  #lookForOverdue(): void {
    this.#overdue?.cancel();
    this.#overdue = undefined;
    if (this.#stopping.aborted) return;
    const nowMs = this.#clock.now();
    let nextMs = Infinity;
    for (const watch of [...this.#watches.values()]) {
      const sinceMs = Math.max(watch.attachedAtMs, this.#unservedSinceMs);
      const failsAtMs = sinceMs + watch.timeoutMs;
      if (failsAtMs <= nowMs) {
        const why = `no node could tell the watch for ${watch.timeoutMs} ms`;
        watch.fail(new KvError("unavailable", why, { cause: this.#lastError }));
      } else nextMs = Math.min(nextMs, failsAtMs);
    }
    if (nextMs === Infinity) return;
    this.#overdue = this.#clock.setTimer(nextMs - nowMs, () => this.#lookForOverdue());
  }
}

/** Calls something again and again. */
class Repeating {
  #timer: Timer | undefined;

  constructor(clock: Clock, everyMs: number, act: () => void) {
    const again = (): void => {
      this.#timer = clock.setTimer(everyMs, () => {
        act();
        again();
      });
    };
    again();
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

/** Whether another node may do better. */
function isOfTheConnection(error: unknown, { ending }: Connection): boolean {
  return ending.signal.aborted || error instanceof TransportError || error instanceof KvError;
}
