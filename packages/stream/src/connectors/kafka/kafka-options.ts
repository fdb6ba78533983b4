import type { BaseOptions } from "@platformatic/kafka";
import { StreamError } from "../../stream-error.ts";

/** How brokers are reached. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Names this program in the brokers' logs and quotas. @default "quorate-stream" */
  readonly clientId?: string;
  /** As @platformatic/kafka takes it: options of `tls.connect`. */
  readonly tls?: NonNullable<BaseOptions["tls"]>;
  /** As @platformatic/kafka takes it: mechanism, username, password and so on. */
  readonly sasl?: NonNullable<BaseOptions["sasl"]>;
  /** Milliseconds that one request is waited for. @default 30000 */
  readonly requestTimeoutMs?: number;
  /**
   * Milliseconds for which a request is tried again while brokers cannot be reached or change their
   * leaders; then it fails with `unavailable`.
   *
   * @default 60000
   */
  readonly retryForMs?: number;
}

export type ConnectionOptions = Required<Omit<KafkaOptions, "tls" | "sasl">> &
  Pick<KafkaOptions, "tls" | "sasl">;

/** Every default filled in, every field checked. */
export function validatedConnection(options: KafkaOptions): ConnectionOptions {
  const { clientId = "quorate-stream", requestTimeoutMs = 30_000, retryForMs = 60_000 } = options;
  if (options.brokers.length === 0) throw new StreamError("invalid-option", "brokers is empty");
  checkAbove("requestTimeoutMs", requestTimeoutMs, 0);
  checkAbove("retryForMs", retryForMs, 0);
  return { ...options, clientId, requestTimeoutMs, retryForMs };
}

export function checkAbove(name: string, value: number, bound: number): void {
  if (value > bound && Number.isFinite(value)) return;
  throw new StreamError("invalid-option", `${name} must be above ${bound}, not ${value}`);
}
