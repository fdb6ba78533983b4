import type { Duplex } from "node:stream";
import { errors } from "undici";
import { CANCELLED, type Outcome, SUCCESS } from "../outcome.ts";
import type { Pick } from "../pick.ts";
import type { BalancedRequest } from "./balanced-request.ts";
import { errorOutcome } from "./error-outcome.ts";
import type { RawHandler, RawHeaders } from "./raw-handler.ts";

const UPGRADED: Outcome = { kind: "success", upgraded: true };

/**
 * - `waiting` for the answer. - `delivering` it to the caller. - `discarding` it, since another
 *   attempt follows. - `over`: whatever still comes is nobody's.
 */
type Stage = "waiting" | "delivering" | "discarding" | "over";

/** One attempt of a request, as undici's handler: times it, judges it, tells the request. */
export class AttemptHandler implements RawHandler {
  readonly pick: Pick;
  /** 1 for the first. */
  readonly number: number;
  readonly isHedge: boolean;
  /** Some of the request may have been written to a connection. */
  sent = false;
  readonly #request: BalancedRequest;
  readonly #to: RawHandler;
  #stage: Stage = "waiting";
  #outcome: Outcome = SUCCESS;
  #abort: ((reason?: Error) => void) | undefined;
  #discardedBytes = 0;

  constructor(
    request: BalancedRequest,
    to: RawHandler,
    pick: Pick,
    number: number,
    isHedge: boolean,
  ) {
    this.#request = request;
    this.#to = to;
    this.pick = pick;
    this.number = number;
    this.isHedge = isHedge;
  }

  /** The caller or the request lost interest before the answer was delivered. */
  cancel(): void {
    if (this.#stage !== "waiting") return;
    this.#stage = "over";
    this.pick.done(CANCELLED);
    this.#abort?.(new errors.RequestAbortedError());
  }

  /** The caller gave up in the middle of the answer: it gets `reason` as the error. */
  abortDelivery(reason: Error): void {
    this.pick.done(CANCELLED);
    this.#abort?.(reason);
  }

  onConnect(abort: (reason?: Error) => void): void {
    if (this.#stage === "over") {
      abort(new errors.RequestAbortedError());
      return;
    }
    this.sent = true;
    this.#abort = abort;
  }

  onHeaders(
    status: number,
    headers: RawHeaders,
    resume: () => void,
    statusText: string,
  ): boolean | void {
    if (status < 200) return this.#onInformation(status, headers, resume, statusText);
    if (this.#stage !== "waiting") return true;
    this.pick.firstByte?.();
    if (this.#request.isFailure(status)) {
      this.#outcome = { kind: "failure", reason: "status", status };
      if (this.#request.retries(this)) {
        this.#stage = "discarding";
        this.pick.done(this.#outcome);
        return true;
      }
    }
    this.#deliver();
    this.#to.onResponseStarted?.();
    return this.#to.onHeaders(status, headers, resume, statusText);
  }

  onData(chunk: Buffer): boolean | void {
    if (this.#stage === "delivering") return this.#to.onData(chunk);
    this.#discardedBytes += chunk.length;
    if (this.#discardedBytes > this.#request.maxDiscardedBytes) {
      this.#abort?.(new errors.RequestAbortedError());
    }
    return true;
  }

  onComplete(trailers: RawHeaders | null): void {
    if (this.#stage !== "delivering") return;
    this.#stage = "over";
    this.pick.done(this.#outcome);
    this.#to.onComplete(trailers);
  }

  onError(error: Error): void {
    const stage = this.#stage;
    this.#stage = "over";
    if (stage === "waiting") {
      this.#request.failed(this, error);
    } else if (stage === "delivering") {
      this.pick.done(errorOutcome(error, true));
      this.#to.onError(error);
    }
  }

  /** The connection is the caller's now; it counts as in flight until it closes. */
  onUpgrade(status: number, headers: RawHeaders | null, socket: Duplex): void {
    if (this.#stage !== "waiting") {
      socket.destroy();
      return;
    }
    this.#deliver();
    this.#stage = "over";
    this.pick.firstByte?.();
    socket.once("close", () => this.pick.done(UPGRADED));
    this.#to.onUpgrade?.(status, headers, socket);
  }

  onBodySent(chunk: unknown, total?: number): void {
    if (this.number === 1) this.#to.onBodySent?.(chunk, total);
  }

  onRequestSent(): void {
    if (this.number === 1) this.#to.onRequestSent?.();
  }

  #deliver(): void {
    this.#stage = "delivering";
    this.#request.won(this);
    this.#to.onEndpoint?.(this.pick.endpoint);
  }

  /** Early hints of two attempts would mix. */
  #onInformation(
    status: number,
    headers: RawHeaders,
    resume: () => void,
    statusText: string,
  ): boolean {
    if (this.#stage === "waiting" && this.number === 1) {
      this.#to.onHeaders(status, headers, resume, statusText);
    }
    return true;
  }
}
