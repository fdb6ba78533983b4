import { StoreError } from "../store/store-error.ts";
import type { PostgresClient, PostgresPool } from "./postgres-pool.ts";

/** Listens to channels on one connection of the pool, for as long as it is open. */
export class Listener {
  readonly #client: PostgresClient;
  readonly #waiting = new Map<string, Set<() => void>>();
  #isLost = false;
  #pending: string[] = [];
  #batch: Promise<void> = Promise.resolve();

  private constructor(client: PostgresClient) {
    this.#client = client;
    client.on("notification", ({ channel }) => this.#wake(channel));
    client.on("error", () => this.#lose());
    client.on("end", () => this.#lose());
  }

  /** Rejects with `unsupported` when connections are not what they seem. */
  static async open(pool: PostgresPool): Promise<Listener> {
    const client = await pool.connect();
    const listener = new Listener(client);
    try {
      await refusePooler(client, pool);
      return listener;
    } catch (error) {
      listener.close();
      throw error;
    }
  }

  /** The connection broke: everybody was woken, and another listener is needed. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Calls `wake` at each notification, and when the connection breaks; returns what ends that. */
  async listen(channel: string, wake: () => void): Promise<() => void> {
    const known = this.#waiting.get(channel);
    const waiting = known ?? new Set();
    waiting.add(wake);
    this.#waiting.set(channel, waiting);
    const stop = (): void => this.#stop(channel, wake);
    try {
      // Also when it is known: its LISTEN may be under way yet.
      await this.#run(`LISTEN "${channel}"`);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  close(): void {
    if (this.#isLost) return;
    this.#lose();
  }

  #stop(channel: string, wake: () => void): void {
    const waiting = this.#waiting.get(channel);
    if (!waiting?.delete(wake) || waiting.size > 0) return;
    this.#waiting.delete(channel);
    // Nobody waits for the end of it: a notification too many wakes nobody.
    if (!this.#isLost) void this.#run(`UNLISTEN "${channel}"`).catch(() => {});
  }

  /** All that came while the one before was under way go as one query; in their order. */
  async #run(statement: string): Promise<void> {
    this.#pending.push(statement);
    if (this.#pending.length === 1) {
      const before = this.#batch;
      this.#batch = (async () => {
        await before.catch(() => {});
        const statements = this.#pending.join(";");
        this.#pending = [];
        await this.#client.query(statements);
      })();
    }
    await this.#batch;
  }

  #wake(channel: string): void {
    for (const wake of [...(this.#waiting.get(channel) ?? [])]) wake();
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#client.release(true);
    for (const channel of [...this.#waiting.keys()]) this.#wake(channel);
  }
}

/**
 * Behind PgBouncer with transaction pooling, two connections that are open at once are served by one
 * and the same process of the server; what one of them listens to would be told to nobody.
 */
async function refusePooler(client: PostgresClient, pool: PostgresPool): Promise<void> {
  const ours = await client.query("SELECT pg_backend_pid() AS pid");
  const theirs = await pool.query("SELECT pg_backend_pid() AS pid");
  if (ours.rows[0]!["pid"] !== theirs.rows[0]!["pid"]) return;
  throw new StoreError(
    "unsupported",
    "a pooler gives each transaction another connection: connect directly, or by session pooling",
  );
}
