import {
  decodeResult,
  encodeCommand,
  KvError,
  KvStateMachine,
  type Operation,
  type Sort,
} from "@quorate/kv";
import type { DeliveryKv } from "../src/dispatch/delivery-shard.ts";
import type { OrderKv } from "../src/orders/order-shard.ts";

/** What a store answers when no quorum does. */
export type Trouble = "no-leader" | "timeout";

const BY_KEY: Sort = { target: "key", order: "ascending" };

/** A store of one replica in memory; told of trouble, it answers as a cluster without a quorum. */
export class MemoryKv implements OrderKv, DeliveryKv {
  readonly #machine = new KvStateMachine();
  trouble: Trouble | undefined;
  /** What writes meet alone. */
  troubleOfWrites: Trouble | undefined;
  #index = 0;

  readonly transaction: OrderKv["transaction"] = async (transaction) => {
    const trouble = this.trouble ?? this.troubleOfWrites;
    if (trouble === "no-leader") return { kind: "rejected", reason: "unavailable" };
    const result = this.#apply({ kind: "transaction", ...transaction });
    if (trouble === "timeout") return { kind: "unknown", reason: "timeout" };
    if (result.kind !== "transaction") throw new Error(result.kind);
    return { kind: "committed", index: this.#index, result };
  };

  readonly range: OrderKv["range"] = async (keys, { limit = 0, sort = BY_KEY } = {}) => {
    if (this.trouble) throw new KvError("unavailable", "no node answered in time");
    const result = this.#apply({ kind: "range", ...keys, limit, sort });
    if (result.kind !== "range") throw new Error(result.kind);
    return result;
  };

  readonly get: OrderKv["get"] = async (key) => (await this.range({ key, rangeEnd: "" })).kvs[0];

  /** What happens here is asked for, not watched. */
  readonly watch: DeliveryKv["watch"] = () => {
    throw new KvError("unavailable", "a store in memory tells no watches");
  };

  #apply(operation: Operation): ReturnType<typeof decodeResult> {
    const command = encodeCommand(operation);
    return decodeResult(this.#machine.apply([{ index: ++this.#index, command }])[0]!);
  }
}
