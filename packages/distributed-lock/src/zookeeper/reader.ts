import type { Clock } from "@quorate/runtime";
import type { Contender } from "../store/coordination-store.ts";
import { Connection } from "./connection.ts";
import { NodeWatches } from "./node-watches.ts";
import { type ContenderNode, contendersIn, type QueuePaths } from "./queue-paths.ts";
import { type ConnectZooKeeper, isNoNode } from "./zookeeper-client.ts";

/** What the store reads and watches, on a ZooKeeper session of its own, opened when it is needed. */
export class Reader {
  readonly #connect: ConnectZooKeeper;
  readonly #sessionTimeoutMs: number;
  readonly #connectTimeoutMs: number;
  readonly #clock: Clock;
  readonly #paths: QueuePaths;
  readonly #watches = new NodeWatches();
  #connection: Connection | undefined;

  constructor(
    connect: ConnectZooKeeper,
    sessionTimeoutMs: number,
    connectTimeoutMs: number,
    clock: Clock,
    paths: QueuePaths,
  ) {
    this.#connect = connect;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#clock = clock;
    this.#paths = paths;
  }

  /** Another one once its session has ended: whoever waited then was woken. */
  get connection(): Connection {
    if (this.#connection && !this.#connection.isOver) return this.#connection;
    const client = this.#connect(this.#sessionTimeoutMs);
    client.on("expired", () => this.#watches.fireAll());
    this.#connection = new Connection(client, this.#clock, this.#connectTimeoutMs);
    return this.#connection;
  }

  /** A linearizable read. */
  async contenders(queue: string): Promise<readonly ContenderNode[]> {
    try {
      return await this.#contenders(queue);
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await this.connection.makePath(this.#paths.root);
      return this.#contenders(queue);
    }
  }

  /** Undefined when it is gone. */
  async contender(queue: string, contender: ContenderNode): Promise<Contender | undefined> {
    const { name, id, sessionId, role } = contender;
    const node = await this.connection.node(`${this.#paths.pathOf(queue)}/${name}`);
    if (!node) return undefined;
    const metadata = node.data.toString();
    return { queue, sessionId, id, role, token: node.createdBy, ref: name, metadata };
  }

  /** Calls `wake` once the node is gone; returns what ends that. */
  onGone(path: string, wake: () => void): Promise<() => void> {
    return this.#watches.onGone(this.connection, path, wake);
  }

  /** Calls `wake` at the next change of the node's children; returns what ends that. */
  onChildren(path: string, wake: () => void): Promise<() => void> {
    return this.#watches.onChildren(this.connection, path, wake);
  }

  abandon(): void {
    this.#connection?.abandon();
  }

  async #contenders(queue: string): Promise<readonly ContenderNode[]> {
    const { connection } = this;
    const [, children] = await Promise.all([
      connection.barrier(this.#paths.root),
      connection.children(this.#paths.pathOf(queue)),
    ]);
    return contendersIn(children);
  }
}
