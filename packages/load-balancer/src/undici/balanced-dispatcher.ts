import { systemClock } from "@quorate/runtime";
import { Dispatcher, errors, Pool } from "undici";
import type { Endpoint } from "../endpoint.ts";
import type { LoadBalancer } from "../load-balancer.ts";
import { LoadBalancerError } from "../load-balancer-error.ts";
import { BalancedRequest, type Balancing } from "./balanced-request.ts";
import { endpointOrigin } from "../endpoint-origin.ts";
import { rawHandler } from "./modern-handler.ts";
import { type BalanceDependencies, type BalanceOptions, validated } from "./options.ts";
import type { RawHandler } from "./raw-handler.ts";

/** How requests are balanced, and how each endpoint's connections behave. */
export interface BalancedDispatcherOptions extends BalanceOptions {
  /** Of each endpoint's own undici `Pool`: connections, timeouts, TLS. */
  readonly pool?: Pool.Options;
}

/**
 * A dispatcher for undici's and Node's own `fetch`, and for all of undici's methods. The origin of a
 * request's URL is not connected to: the balancer says where each one goes, and the Host header is
 * the endpoint's unless the request has its own.
 *
 * Each endpoint has a `Pool`, made for its first request; once the endpoint has left the fleet and
 * its last request is done, the pool is closed. Closing the dispatcher does not stop the balancer.
 *
 * @throws {LoadBalancerError} `invalid-option`.
 */
export function createBalancedDispatcher(
  balancer: LoadBalancer,
  options: BalancedDispatcherOptions = {},
  dependencies: BalanceDependencies = {},
): Dispatcher {
  return new BalancedDispatcher(balancer, options, dependencies);
}

interface EndpointPool {
  /** As it was when last picked: to be compared by identity. */
  endpoint: Endpoint;
  readonly origin: string;
  readonly pool: Pool;
}

class BalancedDispatcher extends Dispatcher {
  readonly #balancing: Balancing;
  readonly #poolOptions: Pool.Options;
  readonly #pools = new Map<string, EndpointPool>();
  readonly #closing = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  #closed = false;
  #destroyed = false;

  constructor(
    balancer: LoadBalancer,
    { pool = {}, ...options }: BalancedDispatcherOptions,
    { clock = systemClock }: BalanceDependencies,
  ) {
    super();
    this.#poolOptions = pool;
    this.#balancing = {
      balancer,
      clock,
      settings: validated(options),
      send: ({ endpoint }, request, handler) => this.#send(endpoint, request, handler),
    };
    this.#unsubscribe = balancer.onChange(({ type, endpoint }) => {
      if (type === "removed") this.#retire(endpoint.id);
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const to = rawHandler(handler);
    if (this.#closed) {
      to.onConnect(() => {});
      to.onError(new LoadBalancerError("stopped", "the dispatcher was closed"));
      return false;
    }
    return new BalancedRequest(this.#balancing, options, to).start();
  }

  /** Requests under way are finished; a new one gets `stopped`. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    return answered(this.#shut(), callback);
  }

  /** Requests under way fail with `error`. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(
    error?: Error | null | (() => void),
    callback?: () => void,
  ): Promise<void> | void {
    this.#destroyed = true;
    const [reason, then] = typeof error === "function" ? [null, error] : [error ?? null, callback];
    const pools = [...this.#pools.values()].map(({ pool }) => pool.destroy(reason));
    return answered(
      Promise.all([...pools, this.#shut()]).then(() => {}),
      then,
    );
  }

  async #shut(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    for (const id of [...this.#pools.keys()]) this.#retire(id);
    await Promise.all(this.#closing);
  }

  #send(endpoint: Endpoint, request: Dispatcher.DispatchOptions, handler: RawHandler): boolean {
    if (this.#destroyed) {
      handler.onError(new errors.ClientDestroyedError());
      return false;
    }
    let pool: Pool;
    try {
      pool = this.#poolOf(endpoint);
    } catch (error) {
      handler.onError(error as Error); // the endpoint's `url` is none
      return false;
    }
    const flowing = pool.dispatch(request, handler as Dispatcher.DispatchHandler);
    if (this.#closed) this.#retire(endpoint.id); // a retry of a request from before
    return flowing;
  }

  #poolOf(endpoint: Endpoint): Pool {
    const known = this.#pools.get(endpoint.id);
    if (known?.endpoint === endpoint) return known.pool;
    const origin = endpointOrigin(endpoint);
    if (known?.origin === origin) {
      known.endpoint = endpoint; // a new snapshot, the same place
      return known.pool;
    }
    this.#retire(endpoint.id);
    const pool = new Pool(origin, this.#poolOptions);
    pool.on("drain", (url) => this.emit("drain", url));
    this.#pools.set(endpoint.id, { endpoint, origin, pool });
    return pool;
  }

  /** New requests get a new pool; those of this one are finished. */
  #retire(id: string): void {
    const known = this.#pools.get(id);
    if (!known) return;
    this.#pools.delete(id);
    const closed = known.pool.close().catch(() => {}); // destroyed meanwhile: that is closed, too
    this.#closing.add(closed);
    void closed.then(() => this.#closing.delete(closed));
  }
}

function answered(done: Promise<void>, callback: (() => void) | undefined): Promise<void> | void {
  if (!callback) return done;
  void done.then(callback);
}
