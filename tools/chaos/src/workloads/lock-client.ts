import { createLocks, type HeldLock, LockError, type Locks } from "@quorate/distributed-lock";
import { createQuorateStore } from "@quorate/distributed-lock/quorate";
import { createKvClient, type KvClient } from "@quorate/kv";
import { type Clock, pick, type Random } from "@quorate/runtime";
import { createTcpTransport, type TcpTransport } from "@quorate/transport/tcp";
import type { KeyRing } from "../../../../packages/kv/sim/key-ring.ts";
import { STORE } from "../node-process.ts";
import { pause } from "../pause.ts";
import type { AskedWrites } from "./asked-writes.ts";
import type { ClientLinks } from "./client-links.ts";
import { fencedWrite } from "./fenced-write.ts";
import type { LockHistory } from "./lock-history.ts";
import { drawTurn, type Turn } from "./lock-turn.ts";

/** Of sessions: whole seconds, for the store counts leases in those. */
export const TTL_MS = 2_000;
const REQUEST_TIMEOUT_MS = 1_000;
const WAIT_MS = 6_000;
/** Longer than any cut: so a late write arrives, and its answer tells what became of it. */
const WRITE_TIMEOUT_MS = 10_000;
const PAUSE_MS = 100;

/** What the clients of locks share. */
export interface LockWorld {
  readonly clusterId: string;
  readonly locks: KeyRing;
  readonly history: LockHistory;
  readonly writes: AskedWrites;
  readonly counts: LockCounts;
  readonly clock: Clock;
  readonly onOperation: () => void;
}

export interface LockCounts {
  acquisitions: number;
  timeouts: number;
  accepted: number;
  refused: number;
  unknown: number;
}

/** A client with a session and connections of its own, that takes a lock, writes under it, gives it back. */
export class LockClient {
  readonly #name: string;
  readonly #random: Random;
  readonly #world: LockWorld;
  readonly #links: ClientLinks;
  readonly #transport: TcpTransport;
  readonly #kv: KvClient;
  readonly #locks: Locks;
  /** Whether it ends without a word, holding what it holds. */
  readonly #endsAbruptly: boolean;
  #written = 0;
  #incarnation = 0;

  constructor(
    options: { readonly name: string; readonly endsAbruptly: boolean; readonly random: Random },
    links: ClientLinks,
    world: LockWorld,
  ) {
    const { name, endsAbruptly, random } = options;
    this.#name = name;
    this.#endsAbruptly = endsAbruptly;
    this.#random = random;
    this.#world = world;
    this.#links = links;
    const { addresses } = links;
    const { clusterId } = world;
    this.#transport = createTcpTransport({ nodeId: name, clusterId, peers: addresses });
    const nodes = Object.keys(addresses);
    this.#kv = createKvClient({ nodes, store: STORE }, { transport: this.#transport });
    const times = { requestTimeoutMs: REQUEST_TIMEOUT_MS };
    this.#locks = createLocks(createQuorateStore(this.#kv, times), { ttlMs: TTL_MS, ...times });
  }

  /** Resolves after the turn during which `signal` aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#transport.start();
    try {
      while (!signal.aborted) {
        await this.#turn(drawTurn(this.#random), signal);
        await pause(2 * PAUSE_MS * this.#random.next(), signal);
      }
      if (!this.#endsAbruptly) await this.#locks.stop();
    } finally {
      await this.#kv.stop();
      await this.#transport.stop();
      await this.#locks.stop();
      await this.#links.close();
    }
  }

  async #turn(turn: Turn, signal: AbortSignal): Promise<void> {
    const { locks, history } = this.#world;
    let over: Promise<unknown> = this.#cut(turn, "asking", signal);
    const held = await this.#acquired(pick(this.#random, locks.names), signal);
    if (held) {
      over = Promise.all([over, this.#cut(turn, "holding", signal)]);
      await this.#hold(held, turn, signal);
      if (signal.aborted && this.#endsAbruptly) history.abandons(held);
      else await this.#release(held);
    }
    await over;
  }

  async #cut({ cut }: Turn, now: "asking" | "holding", signal: AbortSignal): Promise<unknown> {
    return cut?.while === now ? this.#links.cut(cut.forMs, signal) : undefined;
  }

  async #acquired(lock: string, signal: AbortSignal): Promise<HeldLock | undefined> {
    const { history, counts, onOperation } = this.#world;
    onOperation();
    const asked = history.asks(this.#client, lock);
    try {
      const held = await this.#locks.mutex(lock).acquire({ waitMs: WAIT_MS, signal });
      history.granted(asked, held);
      counts.acquisitions++;
      return held;
    } catch (error) {
      const isOfFaults = error instanceof LockError;
      if (!isOfFaults || !["acquire-timeout", "aborted"].includes(error.code)) throw error;
      history.notGranted(asked);
      if (error.code === "acquire-timeout") counts.timeouts++;
      return undefined;
    }
  }

  async #hold(held: HeldLock, { holdMs, isCareless }: Turn, signal: AbortSignal): Promise<void> {
    const { clock } = this.#world;
    const untilMs = clock.now() + holdMs;
    do {
      if (!isCareless && !held.isValid) return;
      await this.#write(held);
      await pause(2 * PAUSE_MS * this.#random.next(), signal);
    } while (clock.now() < untilMs && !signal.aborted);
  }

  async #write(held: HeldLock): Promise<void> {
    const { history, writes, counts, onOperation } = this.#world;
    onOperation();
    const text = `${this.#name}.${this.#written++}`;
    const asked = writes.asks(text);
    const use = history.uses(this.#client, held);
    const told = await fencedWrite(this.#kv, held, text, WRITE_TIMEOUT_MS);
    if (told !== "rejected") counts[told]++;
    if (told === "unknown") return this.#goOnAsAnother(held.name);
    history.used(use, told);
    writes.settle(asked, told === "accepted");
  }

  async #release(held: HeldLock): Promise<void> {
    const { history } = this.#world;
    const release = history.releases(this.#client, held);
    // Of an open end it is not known when it is over, and a check is exponential in those.
    if (release === undefined) return this.#goOnAsAnother(held.name);
    try {
      await held.release();
      history.released(release);
    } catch (error) {
      if (!(error instanceof LockError && error.code === "unreachable")) throw error;
      this.#goOnAsAnother(held.name);
    }
  }

  get #client(): string {
    return `${this.#name}#${this.#incarnation}`;
  }

  /** What is unknown may still take effect, beside what this client does next. */
  #goOnAsAnother(lock: string): void {
    this.#incarnation++;
    this.#world.locks.noteUnknown(lock);
  }
}
