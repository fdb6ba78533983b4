import type { Clock, Timer } from "@quorate/runtime";
import {
  ANY_VERSION,
  EPHEMERAL_SEQUENTIAL,
  isNodeExists,
  isNoNode,
  PERSISTENT,
  type ZooKeeperClient,
} from "./zookeeper-client.ts";

/** A node as its creation left it; nothing here changes one. */
export interface CreatedNode {
  readonly data: Buffer;
  /** The id of the transaction that created it: grows with each transaction of the ensemble. */
  readonly createdBy: bigint;
}

/** One ZooKeeper session, with promises. */
export class Connection {
  readonly client: ZooKeeperClient;
  readonly #clock: Clock;
  readonly #connectTimeoutMs: number;
  #timer: Timer | undefined;
  #isConnected = false;
  #isOver = false;
  #closed: () => void = () => {};

  /** `connectTimeoutMs`: for a server to take the session; then another one is tried. */
  constructor(client: ZooKeeperClient, clock: Clock, connectTimeoutMs: number) {
    this.client = client;
    this.#clock = clock;
    this.#connectTimeoutMs = connectTimeoutMs;
    client.on("connected", () => {
      this.#timer?.cancel();
      this.#isConnected = true;
      if (this.#isOver) client.close();
    });
    client.on("expired", () => {
      this.#timer?.cancel();
      this.#isOver = true;
    });
    client.on("disconnected", () => {
      this.#isConnected = false;
      if (!this.#isOver) this.#limitConnecting();
      this.#closed();
    });
    client.connect();
    this.#limitConnecting();
  }

  /** It was closed here, or the ensemble has ended it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Asks the ensemble to end the session; resolves when the connection is closed. Without one at the
   * time it resolves at once, and the session is ended by its timeout, or at the next connection: the
   * client cannot be closed before, it throws.
   */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    const closed = new Promise<void>((resolve) => (this.#closed = resolve));
    if (!this.#isConnected) return;
    this.client.close();
    await closed;
  }

  /** An answer is overdue: gives up the connection. The session goes on at the next server. */
  reconnect(): void {
    this.client.connectionManager?.socket?.destroy();
  }

  /** Closes, and waits for nothing. */
  abandon(): void {
    void this.close();
  }

  /**
   * A write that changes nothing. Reads that are sent after it, on this connection, see all that was
   * committed before: a quorum agreed on it, which `sync` does not ask for.
   */
  async barrier(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const transaction = this.client.transaction().check(path, ANY_VERSION);
      transaction.commit((error) => settle(error, resolve, reject));
    });
  }

  /** Creates the node, and those above it, where they are missing. */
  async makePath(path: string): Promise<void> {
    for (let end = path.indexOf("/", 1); end !== -1; end = path.indexOf("/", end + 1)) {
      await this.#make(path.slice(0, end));
    }
    await this.#make(path);
  }

  /** Returns the path with its number. */
  async createEphemeral(path: string, data: Buffer): Promise<string> {
    return new Promise<string>((resolve, reject) => {
      this.client.create(path, data, EPHEMERAL_SEQUENTIAL, (error, created) =>
        settle(error, () => resolve(created), reject),
      );
    });
  }

  /** No error when it is missing. */
  async remove(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.client.remove(path, ANY_VERSION, (error) =>
        settle(isNoNode(error) ? null : error, resolve, reject),
      );
    });
  }

  /** Undefined when it is missing. `watcher` is called once, when the node goes. */
  async node(path: string, watcher?: () => void): Promise<CreatedNode | undefined> {
    return new Promise<CreatedNode | undefined>((resolve, reject) => {
      // The client takes any value that is no function for no watcher.
      this.client.getData(path, watcher as () => void, (error, data, stat) => {
        if (isNoNode(error)) resolve(undefined);
        else if (error) reject(error);
        else resolve({ data: data ?? Buffer.alloc(0), createdBy: stat.czxid.readBigInt64BE() });
      });
    });
  }

  /** None when the node is missing. `watcher` is called once, at the next change. */
  async children(path: string, watcher?: () => void): Promise<readonly string[]> {
    return new Promise<readonly string[]>((resolve, reject) => {
      this.client.getChildren(path, watcher as () => void, (error, children) => {
        if (isNoNode(error)) resolve([]);
        else settle(error, () => resolve(children), reject);
      });
    });
  }

  #limitConnecting(): void {
    this.#timer = this.#clock.setTimer(this.#connectTimeoutMs, () => {
      this.reconnect();
      this.#limitConnecting();
    });
  }

  async #make(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.client.create(path, Buffer.alloc(0), PERSISTENT, (error) =>
        settle(isNodeExists(error) ? null : error, resolve, reject),
      );
    });
  }
}

function settle(error: unknown, resolve: () => void, reject: (error: unknown) => void): void {
  if (error) reject(error);
  else resolve();
}
