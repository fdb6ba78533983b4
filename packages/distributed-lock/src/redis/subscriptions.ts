import type { RedisClient, RedisSubscriber } from "./redis-client.ts";

/** Listens to channels on one connection of its own, opened when the first one is asked for. */
export class Subscriptions {
  readonly #client: RedisClient;
  #connection: Promise<RedisSubscriber> | undefined;

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** Calls `wake` at each message; returns what ends that. */
  async listen(channel: string, wake: () => void): Promise<() => void> {
    const subscriber = await this.#connected();
    const heard = (): void => wake();
    await subscriber.subscribe(channel, heard);
    // Nobody waits for the end of it: a message too many wakes nobody.
    return () => void subscriber.unsubscribe(channel, heard).catch(() => {});
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    const subscriber = await connection?.catch(() => undefined);
    subscriber?.destroy();
  }

  /** The client connects again by itself, and subscribes again; what it missed is found by polling. */
  async #connected(): Promise<RedisSubscriber> {
    this.#connection ??= connect(this.#client);
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = undefined;
      throw error;
    }
  }
}

async function connect(client: RedisClient): Promise<RedisSubscriber> {
  const subscriber = client.duplicate();
  // It emits each failed attempt, and would end the process without a listener.
  subscriber.on("error", () => {});
  await subscriber.connect();
  return subscriber;
}
