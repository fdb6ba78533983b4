import { LoadBalancerError } from "../load-balancer-error.ts";

/** What is polled, and how often. */
export interface ResolveEndpointsOptions {
  /** What to ask for: `orders.internal`, or `_http._tcp.orders.internal` for SRV. */
  readonly name: string;
  /**
   * - `a`: IPv4 addresses. - `aaaa`: IPv6 addresses. - `any`: both, one of which may be missing.
   * - `srv`: names with ports, weights and priorities.
   *
   * @default "a"
   */
  readonly records?: "a" | "aaaa" | "any" | "srv";
  /** Of every endpoint, 1 to 65535; required unless the records are SRV, which bring their own. */
  readonly port?: number;
  /**
   * The scheme of the endpoints' `url`.
   *
   * @default "http"
   */
  readonly protocol?: "http" | "https";
  /**
   * Milliseconds between two polls, above 0. `node:dns` does not tell the time to live of most
   * records, so it is yours to choose.
   *
   * @default 30000
   */
  readonly intervalMs?: number;
  /**
   * Each pause is drawn from ±this share of itself, so that a fleet of clients does not poll at
   * once: 0 to 1.
   *
   * @default 0.1
   */
  readonly jitter?: number;
  /**
   * Milliseconds to the next poll after a failed one; doubled with each further failure, up to
   * `intervalMs`.
   *
   * @default 1000
   */
  readonly retryMs?: number;
  /**
   * Milliseconds after which the default resolver gives up on a query. Not for an injected one.
   *
   * @default 5000
   */
  readonly timeoutMs?: number;
  /** Ends the sequence: what waits for the next snapshot then finds its end, not an error. */
  readonly signal?: AbortSignal;
  /**
   * A poll failed; the last snapshot stays in force. `failures` counts those in a row. What it
   * throws is passed to the consumer.
   */
  readonly onError?: (error: Error, failures: number) => void;
}

export type PollingOptions = Required<
  Pick<
    ResolveEndpointsOptions,
    "name" | "records" | "protocol" | "intervalMs" | "jitter" | "retryMs" | "timeoutMs"
  >
> & {
  readonly port: number;
  readonly signal: AbortSignal | undefined;
  readonly onError: (error: Error, failures: number) => void;
};

/** Every default filled in, every field checked. */
export function validated(options: ResolveEndpointsOptions): PollingOptions {
  const { name, records = "a", port = 0, protocol = "http", intervalMs = 30_000 } = options;
  const { jitter = 0.1, retryMs = 1_000, timeoutMs = 5_000 } = options;
  if (name === "") throw invalid("name must not be empty");
  if (records !== "srv" && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw invalid(`port must be a whole number from 1 to 65535, not ${options.port}`);
  }
  for (const [field, value] of Object.entries({ intervalMs, retryMs, timeoutMs })) {
    if (!(value > 0 && Number.isFinite(value))) throw invalid(`${field} must be above 0`);
  }
  if (!(jitter >= 0 && jitter <= 1)) throw invalid(`jitter must be 0 to 1, not ${jitter}`);
  const { signal, onError = () => {} } = options;
  return { name, records, port, protocol, intervalMs, jitter, retryMs, timeoutMs, signal, onError };
}

function invalid(message: string): LoadBalancerError {
  return new LoadBalancerError("invalid-option", message);
}
