import { type KvClient, put, remove, utf8, value, version, withPrefix } from "@quorate/kv";
import type { Clock } from "@quorate/runtime";
import { deliveryKey, DISPATCH_FENCE, WAITING, waitingKey } from "../orders/order-keys.ts";

/** Who brings an order, and under which token of the lock he was sent. */
export interface Delivery {
  readonly courier: string;
  /** In decimal. */
  readonly token: string;
  /** When he was sent: ISO 8601, UTC. Absent in what was written before there was a live count. */
  readonly dispatchedAt?: string;
}

/**
 * - `dispatched`: the courier has it.
 * - `taken`: it has a courier already, or was never to have one.
 * - `stale-token`: somebody with a newer token dispatches: whoever asks has lost the lock.
 * - `unknown`: it may be dispatched now, or come to be.
 */
export type Dispatched = "dispatched" | "taken" | "stale-token" | "unknown";

/** What is needed of a shard's store. */
export type DeliveryKv = Pick<KvClient, "transaction" | "get" | "range" | "watch">;

/** Wide enough for any token, so that the order of the bytes is that of the numbers. */
const TOKEN_DIGITS = 20;

/** The deliveries of one shard's orders. It accepts no token that is older than one it has seen. */
export class DeliveryShard {
  readonly #kv: DeliveryKv;
  readonly #clock: Clock;

  constructor(kv: DeliveryKv, clock: Clock) {
    this.#kv = kv;
    this.#clock = clock;
  }

  /** Sends a courier, if the order waits for one, and nobody has come with a newer token. */
  async dispatch(orderId: string, courier: string, token: bigint): Promise<Dispatched> {
    const fence = String(token).padStart(TOKEN_DIGITS, "0");
    const dispatchedAt = new Date(this.#clock.wallTime()).toISOString();
    const delivery: Delivery = { courier, token: String(token), dispatchedAt };
    const outcome = await this.#kv.transaction({
      compares: [value(DISPATCH_FENCE, ">", fence)],
      success: [],
      failure: [
        {
          kind: "transaction",
          compares: [version(waitingKey(orderId), ">", 0)],
          success: [
            put(DISPATCH_FENCE, fence),
            put(deliveryKey(orderId), JSON.stringify(delivery)),
            remove(waitingKey(orderId)),
          ],
          failure: [],
        },
      ],
    });
    if (outcome.kind !== "committed") return "unknown";
    const { succeeded: isStale, results } = outcome.result;
    if (isStale) return "stale-token";
    const [inner] = results;
    return inner?.kind === "transaction" && inner.succeeded ? "dispatched" : "taken";
  }

  /** @throws {KvError} `unavailable`. */
  async find(orderId: string): Promise<Delivery | undefined> {
    const found = await this.#kv.get(deliveryKey(orderId));
    return found && (JSON.parse(utf8(found.value)) as Delivery);
  }

  /**
   * The orders that wait for a courier: those there are, and then each as it comes, until the signal
   * aborts. One may come that is not waiting any more.
   *
   * @throws {KvError} when the store cannot be read or watched for long.
   */
  async *waiting(signal: AbortSignal): AsyncGenerator<string> {
    const all = withPrefix(WAITING);
    const { kvs, revision } = await this.#kv.range(all, { keysOnly: true, signal });
    for (const { key } of kvs) yield utf8(key).slice(WAITING.length);
    const changes = { startRevision: revision + 1, noDeletes: true, signal };
    for await (const { events } of this.#kv.watch(all, changes)) {
      for (const { kv } of events) yield utf8(kv.key).slice(WAITING.length);
    }
  }

  /** How many wait. @throws {KvError} `unavailable`. */
  async countWaiting(): Promise<number> {
    const { count } = await this.#kv.range(withPrefix(WAITING), { countOnly: true });
    return count;
  }
}
