import {
  createLoadBalancer,
  type Endpoint,
  type HealthEvent,
  httpCheck,
  type LoadBalancer,
  type Outcome,
  type Pick,
  SUCCESS,
} from "@quorate/load-balancer";
import { exchange, type HttpAnswer } from "../http/exchange.ts";
import { isNothingSent } from "../http/nothing-sent.ts";
import { READY_PATH } from "../service/health-routes.ts";
import { ServicePools } from "./service-pools.ts";

/** A request for any of the services. */
export interface ServiceRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Whether it may be sent again after a service may have got it. */
  readonly isIdempotent: boolean;
}

/** What came of it. */
export type ServiceOutcome =
  | { readonly kind: "answered"; readonly service: string; readonly answer: HttpAnswer }
  /** No service got it. */
  | { readonly kind: "rejected"; readonly reason: string }
  /** A service may have got it, and has not answered. */
  | { readonly kind: "unknown"; readonly reason: string };

type Answered = ServiceOutcome & { readonly kind: "answered" };

/**
 * A service that died without a request under way is noticed after two checks, one that is back at the
 * first. Each check is a connection of its own, so there are not many.
 */
const HEALTH_CHECK = {
  intervalMs: 500,
  timeoutMs: 500,
  unhealthyThreshold: 2,
  healthyThreshold: 1,
};
/** Above what a service itself allows a request (5 s), so that its own answer comes first. */
const ANSWER_TIMEOUT_MS = 7_000;
const CONNECT_TIMEOUT_MS = 1_000;
/** Most requests at all services; more wait in the balancer's queue, and then get 503. */
const MAX_IN_FLIGHT = 1_024;
const PENDING = { max: 1_024, timeoutMs: 1_000 };

const ANSWERED_IN_ERROR: Outcome = { kind: "failure", reason: "status" };

/** The order services as the gateway uses them: one balancer over all, a pool of connections each. */
export class OrderServices implements AsyncDisposable {
  readonly #balancer: LoadBalancer;
  readonly #pools = new ServicePools({
    connections: MAX_IN_FLIGHT,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  readonly #retries = new Map<string, number>();

  /** @param endpoints those that there are, or as they come and go */
  constructor(endpoints: readonly Endpoint[] | AsyncIterable<readonly Endpoint[]>) {
    this.#balancer = createLoadBalancer({
      endpoints,
      healthCheck: { check: httpCheck({ path: READY_PATH }), ...HEALTH_CHECK },
      concurrency: { limit: MAX_IN_FLIGHT },
      pending: PENDING,
    });
    this.#balancer.onChange(({ type, endpoint: { id } }) => {
      if (type === "removed") this.#pools.retire(id);
    });
  }

  /** Waits until it is told which services there are, and begins the health checks. */
  start(): Promise<void> {
    return this.#balancer.start();
  }

  /**
   * Sends it to a service; to another one if that fails and it is idempotent, or surely reached
   * nobody, within the balancer's retry budget. Never rejects for what happens to services.
   */
  async forward(request: ServiceRequest): Promise<ServiceOutcome> {
    let mayHaveArrived = false;
    const attempt = async (pick: Pick, number: number): Promise<Answered> => {
      const { id } = pick.endpoint;
      if (number > 1) this.#retries.set(id, (this.#retries.get(id) ?? 0) + 1);
      try {
        const answered = await this.#send(pick, request);
        if (isServiceAtFault(answered)) mayHaveArrived = true;
        return answered;
      } catch (error) {
        if (!isNothingSent(error)) mayHaveArrived = true;
        throw error;
      }
    };
    try {
      const answered = await this.#balancer.execute((pick, { number }) => attempt(pick, number), {
        idempotent: request.isIdempotent,
        classify: outcomeOf,
      });
      // "Not placed" holds for this attempt only: the one before may have been.
      if (answered.answer.status !== 503 || !mayHaveArrived) return answered;
      return { kind: "unknown", reason: "one service died, and another one could not look" };
    } catch (error) {
      const reason = (error as Error).message;
      return { kind: mayHaveArrived ? "unknown" : "rejected", reason };
    }
  }

  get balancer(): Omit<LoadBalancer, "stop" | "start" | "update"> {
    return this.#balancer;
  }

  /** How many attempts of this service were another one's failures first. */
  retriesAt(id: string): number {
    return this.#retries.get(id) ?? 0;
  }

  /** Told of each service that leaves the rotation, or comes back. */
  onChange(listener: (event: HealthEvent) => void): () => void {
    return this.#balancer.onChange(listener);
  }

  /** Waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer.stop();
    await this.#pools.close();
  }

  async #send(pick: Pick, { method, path, headers, body }: ServiceRequest): Promise<Answered> {
    const { endpoint } = pick;
    const dispatched = { method, path, headers, body: body ?? null };
    const pool = this.#pools.to(endpoint);
    const answer = await exchange(pool, dispatched, () => pick.firstByte?.());
    return { kind: "answered", service: endpoint.id, answer };
  }
}

/** 503 and 504 tell of shards without a leader: every service would say the same. */
function isServiceAtFault({ answer: { status } }: Answered): boolean {
  return status >= 500 && status !== 503 && status !== 504;
}

function outcomeOf(answered: Answered): Outcome {
  return isServiceAtFault(answered) ? ANSWERED_IN_ERROR : SUCCESS;
}
