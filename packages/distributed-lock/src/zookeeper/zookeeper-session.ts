import type { Clock, Timer } from "@quorate/runtime";
import type { Place } from "../store/coordination-store.ts";
import { Connection } from "./connection.ts";
import type { ConnectZooKeeper } from "./zookeeper-client.ts";

/**
 * What a session's timeout at the ensemble is to what is granted. A renewal is seen by the server that
 * the client is connected to; the leader, which ends sessions, hears of it within half a tick, and no
 * timeout is below two: so the leader counts from up to a quarter of it earlier.
 */
const TIMEOUT_PER_TTL = 1.25;

/** Several servers may be tried before the session's time is over. */
const CONNECT_TIMEOUT_PER_TTL = 0.2;

/** A place of this session, as far as it is known. */
export interface KnownNode {
  readonly path: string;
  readonly token: bigint;
}

/**
 * A session is a ZooKeeper session of its own. The client renews it by itself while the process runs,
 * so it is closed here when the locks have not renewed it in time.
 */
export class ZooKeeperSession {
  readonly connection: Connection;
  readonly #clock: Clock;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #refused = new Set<string>();
  readonly #uncertain = new Set<string>();
  readonly #underWay = new Map<string, Promise<void>>();
  #timer: Timer | undefined;

  constructor(connect: ConnectZooKeeper, ttlMs: number, connectTimeoutMs: number, clock: Clock) {
    this.#clock = clock;
    const client = connect(Math.ceil(ttlMs * TIMEOUT_PER_TTL));
    this.connection = new Connection(
      client,
      clock,
      Math.min(connectTimeoutMs, ttlMs * CONNECT_TIMEOUT_PER_TTL),
    );
  }

  /** Milliseconds, as granted; known once the ensemble has answered something. */
  get ttlMs(): number {
    return Math.floor(this.connection.client.getSessionTimeout() / TIMEOUT_PER_TTL);
  }

  /** Its full time again, from now. */
  renewed(): void {
    this.#timer?.cancel();
    if (this.connection.isOver) return;
    this.#timer = this.#clock.setTimer(this.ttlMs, () => this.connection.abandon());
  }

  /** Ended, whether or not the ensemble heard of it; all that it had. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.connection.close();
  }

  /** Whatever comes later for this place is refused. */
  refuse(place: Place): void {
    this.#refused.add(nameOf(place));
  }

  refuses(place: Place): boolean {
    return this.#refused.has(nameOf(place));
  }

  /** A join was sent whose answer did not come: there may be a node that is not known. */
  isUncertain(place: Place): boolean {
    return this.#uncertain.has(nameOf(place));
  }

  setUncertain(place: Place): void {
    this.#uncertain.add(nameOf(place));
  }

  nodeOf(place: Place): KnownNode | undefined {
    return this.#nodes.get(nameOf(place));
  }

  keep(place: Place, node: KnownNode): void {
    this.#nodes.set(nameOf(place), node);
    this.#uncertain.delete(nameOf(place));
  }

  forget(place: Place): void {
    this.#nodes.delete(nameOf(place));
    this.#uncertain.delete(nameOf(place));
  }

  /** All nodes that it is known to have had, and not to have left. */
  get nodes(): readonly KnownNode[] {
    return [...this.#nodes.values()];
  }

  /** What concerns one place, one after the other, also when nobody waits for the first any more. */
  async inOrder<T>(place: Place, operate: () => Promise<T>): Promise<T> {
    const name = nameOf(place);
    const before = this.#underWay.get(name);
    const operation = (async () => {
      await before;
      return operate();
    })();
    const settled = operation.then(
      () => {},
      () => {},
    );
    this.#underWay.set(name, settled);
    try {
      return await operation;
    } finally {
      if (this.#underWay.get(name) === settled) this.#underWay.delete(name);
    }
  }
}

function nameOf({ queue, id }: Place): string {
  return `${queue}\0${id}`;
}
