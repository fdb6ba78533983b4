import type { IncomingMessage } from "node:http";
import type { Pool } from "undici";
import { LoadBalancerError } from "../load-balancer-error.ts";
import type { PickContext } from "../pick.ts";
import type { BalanceOptions } from "../undici/index.ts";
import type { SessionAffinity } from "./session-affinity.ts";

/** What upstream servers are told of the client. */
export interface ForwardingOptions {
  /**
   * Whether the peer that connects is believed what it says in X-Forwarded-* and Forwarded: then
   * they are extended, else replaced. `true` only behind another proxy that sets them.
   *
   * @default false
   */
  readonly trust?: boolean | ((address: string) => boolean);
  /** X-Forwarded-For, -Proto and -Host. @default true */
  readonly xForwarded?: boolean;
  /** Forwarded (RFC 7239). @default false */
  readonly forwarded?: boolean;
  /** This proxy's name in the Via of requests (RFC 9110 §7.6.3). @default "quorate" */
  readonly via?: string;
}

/** How a proxy handler behaves. */
export interface ProxyHandlerOptions extends Pick<
  BalanceOptions,
  "isFailure" | "maxDiscardedBytes" | "waits"
> {
  readonly forwarding?: ForwardingOptions;
  /** What the pick may go by; session affinity is added to it. */
  readonly context?: (request: IncomingMessage) => PickContext | undefined;
  readonly affinity?: SessionAffinity;
  /**
   * - `request`: the client's Host, for all endpoints serve the same site. - `endpoint`: its own.
   *
   * @default "request"
   */
  readonly hostHeader?: "request" | "endpoint";
  /** The path and query to ask for instead; must begin with "/". @default unchanged */
  readonly rewritePath?: (path: string) => string;
  /** Milliseconds to open a connection; then another endpoint, or 504. @default 5000 */
  readonly connectTimeoutMs?: number;
  /** Milliseconds from the request sent to its answer's headers; then 504. @default 30000 */
  readonly headersTimeoutMs?: number;
  /** Milliseconds between two pieces of the answer's body. @default 60000 */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for the whole exchange, upgrades excepted. @default none */
  readonly totalTimeoutMs?: number;
  /** A longer request body gets 413. @default 104857600 (100 MiB) */
  readonly maxRequestBodyBytes?: number;
  /** Longer headers of an answer are an error of the endpoint: 502. @default 16384 */
  readonly maxResponseHeaderBytes?: number;
  /** Protocols that may be upgraded to; others are answered as plain requests. @default websocket */
  readonly upgrades?: readonly string[];
  /** Of each endpoint's undici `Pool`: connections, TLS. Timeouts above win. */
  readonly pool?: Pool.Options;
  /** Told of each request that was not answered by an endpoint, with the status sent instead. */
  readonly onError?: (error: Error, request: IncomingMessage, status: number) => void;
}

type Optional = "context" | "affinity" | "totalTimeoutMs" | "rewritePath" | "onError";

export type ProxySettings = Required<
  Omit<
    ProxyHandlerOptions,
    Optional | "forwarding" | "isFailure" | "maxDiscardedBytes" | "waits" | "pool"
  >
> & { readonly [Key in Optional]: ProxyHandlerOptions[Key] | undefined } & {
  readonly forwarding: Required<ForwardingOptions>;
};

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Every default filled in, every field checked. */
export function validated(options: ProxyHandlerOptions): ProxySettings {
  const { context, affinity, totalTimeoutMs, rewritePath, onError } = options;
  const {
    trust = false,
    xForwarded = true,
    forwarded = false,
    via = "quorate",
  } = options.forwarding ?? {};
  const settings: ProxySettings = {
    context,
    affinity,
    totalTimeoutMs,
    rewritePath,
    onError,
    forwarding: { trust, xForwarded, forwarded, via },
    hostHeader: options.hostHeader ?? "request",
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    headersTimeoutMs: options.headersTimeoutMs ?? 30_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    maxRequestBodyBytes: options.maxRequestBodyBytes ?? 100 * 2 ** 20,
    maxResponseHeaderBytes: options.maxResponseHeaderBytes ?? 16_384,
    upgrades: (options.upgrades ?? ["websocket"]).map((protocol) => protocol.toLowerCase()),
  };
  check(settings);
  return settings;
}

function check(settings: ProxySettings): void {
  const { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, totalTimeoutMs = 1 } = settings;
  const timeouts = { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, totalTimeoutMs };
  for (const [name, value] of Object.entries(timeouts)) {
    if (!(value > 0 && value <= LONGEST_TIMEOUT_MS)) {
      throw invalid(`${name} must be above 0 and at most ${LONGEST_TIMEOUT_MS}, not ${value}`);
    }
  }
  const { maxRequestBodyBytes, maxResponseHeaderBytes } = settings;
  for (const [name, value] of Object.entries({ maxRequestBodyBytes, maxResponseHeaderBytes })) {
    if (!(Number.isInteger(value) && value >= 0)) {
      throw invalid(`${name} must be a whole number from 0, not ${value}`);
    }
  }
  if (!/^[\w!#$%&'*+.^`|~-]+(:\d+)?$/.test(settings.forwarding.via)) {
    throw invalid(`via must be a token of RFC 9110, not "${settings.forwarding.via}"`);
  }
}

function invalid(message: string): LoadBalancerError {
  return new LoadBalancerError("invalid-option", message);
}
