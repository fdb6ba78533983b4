import type { Clock, Timer } from "@quorate/runtime";
import { v7 as timeOrderedUuid } from "uuid";
import type { OrderRequest } from "../orders/order.ts";
import { generateReviews } from "../reviews/review-generator.ts";
import { HttpCaller } from "./http-caller.ts";

/** How the orders of a workload ended, so far. */
export interface WorkloadCounts {
  readonly acknowledged: number;
  readonly rejected: number;
  readonly unknown: number;
  readonly failed: number;
  /** Not sent, since as many as may were under way. */
  readonly held: number;
}

const TICK_MS = 20;
/** Most orders under way; a cluster without a leader holds up this many, and the rest are not sent. */
const MAX_UNDER_WAY = 256;

/** Every so many-th order is brought by a courier. */
const DELIVERY_EVERY = 20;
/** Every so many-th order that was placed is reviewed. */
const REVIEW_EVERY = 5;

/** Puts orders, each under an id of its own, at a steady rate, whatever becomes of them; some are reviewed. */
export class Workload implements AsyncDisposable {
  readonly #caller: HttpCaller;
  readonly #orders: Iterator<OrderRequest, never>;
  readonly #reviews = generateReviews("workload");
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #counts = { acknowledged: 0, rejected: 0, unknown: 0, failed: 0, held: 0 };
  #underWay = 0;
  #sent = 0;
  #timer: Timer;

  /** Begins at once. */
  constructor(url: string, orders: Iterator<OrderRequest, never>, perSecond: number, clock: Clock) {
    this.#caller = new HttpCaller(url, MAX_UNDER_WAY, clock);
    this.#orders = orders;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#timer = this.#goOn(clock.now());
  }

  get counts(): WorkloadCounts {
    return { ...this.#counts };
  }

  /** Sends no more, and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer.cancel();
    await this.#caller[Symbol.asyncDispose]();
  }

  #goOn(startedAtMs: number): Timer {
    return this.#clock.setTimer(TICK_MS, () => {
      const due = Math.floor(((this.#clock.now() - startedAtMs) * this.#perSecond) / 1_000);
      for (; this.#sent < due; this.#sent++) {
        if (this.#underWay < MAX_UNDER_WAY) void this.#place();
        else this.#counts.held++;
      }
      this.#timer = this.#goOn(startedAtMs);
    });
  }

  async #place(): Promise<void> {
    this.#underWay++;
    const request = this.#orders.next().value;
    const order = this.#sent % DELIVERY_EVERY === 0 ? { ...request, delivery: true } : request;
    const { outcome } = await this.#caller.place(order, timeOrderedUuid());
    this.#counts[outcome.kind]++;
    if (outcome.kind === "acknowledged" && this.#counts.acknowledged % REVIEW_EVERY === 0) {
      const review = this.#caller.review(outcome.id, this.#reviews.next().value);
      await review.catch(() => {}); // customers do not insist
    }
    this.#underWay--;
  }
}
