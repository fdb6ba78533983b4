import type { Clock } from "@quorate/runtime";
import { Pool } from "undici";
import { exchange } from "../http/exchange.ts";
import { isNothingSent } from "../http/nothing-sent.ts";
import type { OrderRequest } from "../orders/order.ts";
import type { ReviewRequest } from "../reviews/review.ts";

/**
 * What a caller knows after it tried to place an order over HTTP.
 *
 * - `acknowledged`: it was placed, under `id`.
 * - `rejected`: it was not, and will not be.
 * - `unknown`: it may have been.
 * - `failed`: an answer that no gateway should give.
 */
export type CallOutcome =
  | { readonly kind: "acknowledged"; readonly id: string }
  | { readonly kind: "rejected" | "unknown" | "failed"; readonly reason: string };

export interface Call {
  readonly outcome: CallOutcome;
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** Above the gateway's own: it says more than a connection that was given up. */
const TIMEOUT_MS = 15_000;
const MAX_REVIEW_ATTEMPTS = 5;

/** Places orders at a gateway, over connections that are kept. No order is tried again. */
export class HttpCaller implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #clock: Clock;

  /** @param connections most calls at once; more wait */
  constructor(url: string, connections: number, clock: Clock) {
    const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
    this.#pool = new Pool(url, { connections, ...timeouts });
    this.#clock = clock;
  }

  /** @param id under which to put the order: then the request is idempotent, else a POST */
  async place(order: OrderRequest, id?: string): Promise<Call> {
    const sentAtMs = this.#clock.now();
    const outcome = await this.#call(order, id).catch(failure);
    return { outcome, sentAtMs, endedAtMs: this.#clock.now() };
  }

  /** Reviews an order: tried again, since it can be repeated, until it is written or refused. */
  async review(id: string, review: ReviewRequest): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await exchange(this.#pool, {
        method: "PUT",
        path: `/orders/${id}/review`,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(review),
      });
      if (status === 200) return;
      if (attempt < MAX_REVIEW_ATTEMPTS && status >= 503) continue;
      throw new Error(`the review of ${id} was answered with ${status}: ${body.toString()}`);
    }
  }

  /** Waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }

  async #call(order: OrderRequest, id: string | undefined): Promise<CallOutcome> {
    const { status, body } = await exchange(this.#pool, {
      method: id === undefined ? "POST" : "PUT",
      path: id === undefined ? "/orders" : `/orders/${id}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
    const answer = JSON.parse(body.toString()) as {
      readonly id?: string;
      readonly detail?: string;
    };
    const reason = `${status}: ${answer.detail}`;
    const wasPut = status === 200 && id !== undefined;
    if (status === 201 || wasPut) return { kind: "acknowledged", id: answer.id! };
    if (status === 503) return { kind: "rejected", reason };
    if (status === 504) return { kind: "unknown", reason };
    return { kind: "failed", reason };
  }
}

function failure(error: Error): CallOutcome {
  return { kind: isNothingSent(error) ? "rejected" : "unknown", reason: error.message };
}
