/** A session's times, all in milliseconds but the last. */
export interface SessionTimes {
  /** How long locks stay valid after a renewal was sent. */
  readonly ttlMs: number;
  /** How much longer the store keeps a contender whose session is not renewed. */
  readonly lockDelayMs: number;
  /** By what share two clocks may differ in their rates, 0 to below 1. */
  readonly maxClockDrift: number;
}

/**
 * - `safe`: renewals are acknowledged.
 * - `jeopardy`: none was for two heartbeats; the locks are still held, for one heartbeat more.
 * - `ended`: over, for good.
 */
export type SessionState = "safe" | "jeopardy" | "ended";

/** What the driver is to do, or to tell. */
export type SessionEffect = "renew" | "jeopardy" | "safe" | "ended";

const HEARTBEATS_A_LIFE = 3;
/** In jeopardy, and after a renewal that failed, the next one comes after this part of a heartbeat. */
const RETRY_SHARE = 0.25;

/**
 * A session as its client sees it. Whether it lives is decided here, by a deadline that needs no answer
 * to pass: its life counts from when the renewal that was acknowledged last was *sent*, since the store
 * counts from some time after that. Once it has ended, no answer brings it back.
 *
 * Sources: C. Gray, D. Cheriton, "Leases", SOSP 1989, §2; jeopardy: M. Burrows, "The Chubby lock service",
 * OSDI 2006, §2.8 (there after the deadline; here before it, so that it is a warning).
 */
export class SessionCore {
  readonly #times: SessionTimes;
  #state: SessionState = "safe";
  #cause: "expired" | "unreachable" = "unreachable";
  #heartbeatMs = 0;
  #acknowledgedMs = -Infinity;
  #validUntilMs = -Infinity;
  #renewAtMs = 0;

  /** A session that the store has granted: asked for at `sentAtMs`, for `grantedMs`. */
  constructor(times: SessionTimes, sentAtMs: number, grantedMs: number) {
    this.#times = times;
    this.#acknowledge(sentAtMs, grantedMs);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Why it has ended. */
  get cause(): "expired" | "unreachable" {
    return this.#cause;
  }

  /** From this moment on, nothing that is held under it may be counted on. */
  get validUntilMs(): number {
    return this.#validUntilMs;
  }

  /** From one renewal to the next. */
  get heartbeatMs(): number {
    return this.#heartbeatMs;
  }

  /** When to call `tick` the next time. */
  get nextMs(): number {
    if (this.#state === "ended") return Infinity;
    const jeopardyMs = this.#state === "safe" ? this.#jeopardyAtMs : Infinity;
    return Math.min(this.#renewAtMs, jeopardyMs, this.#validUntilMs);
  }

  get #jeopardyAtMs(): number {
    return this.#acknowledgedMs + (HEARTBEATS_A_LIFE - 1) * this.#heartbeatMs;
  }

  /** Time has passed. To be called before any answer of the store is acted upon, too. */
  tick(nowMs: number): readonly SessionEffect[] {
    if (this.#state === "ended") return [];
    if (nowMs >= this.#validUntilMs) return this.#end("unreachable");
    const effects: SessionEffect[] = [];
    if (this.#state === "safe" && nowMs >= this.#jeopardyAtMs) {
      this.#state = "jeopardy";
      effects.push("jeopardy");
    }
    if (nowMs >= this.#renewAtMs) {
      // One that is not answered by then is followed by another; an answer to any of them counts.
      const share = this.#state === "safe" ? 1 : RETRY_SHARE;
      this.#renewAtMs = nowMs + share * this.#heartbeatMs;
      effects.push("renew");
    }
    return effects;
  }

  /** The renewal that was sent at `sentAtMs` was acknowledged, for `grantedMs`. */
  renewed(sentAtMs: number, grantedMs: number, nowMs: number): readonly SessionEffect[] {
    const effects = this.tick(nowMs).filter((effect) => effect !== "renew");
    if (this.#state === "ended") return effects;
    this.#acknowledge(sentAtMs, grantedMs);
    if (this.#state === "safe" || nowMs >= this.#jeopardyAtMs) return effects;
    this.#state = "safe";
    return effects.includes("jeopardy") ? [] : ["safe"];
  }

  /** A renewal failed, and whether it took effect is not known. */
  failed(nowMs: number): void {
    const retryAtMs = nowMs + RETRY_SHARE * this.#heartbeatMs;
    this.#renewAtMs = Math.min(this.#renewAtMs, retryAtMs);
  }

  /** The store says that there is no such session. */
  refused(): readonly SessionEffect[] {
    return this.#state === "ended" ? [] : this.#end("expired");
  }

  #end(cause: "expired" | "unreachable"): readonly SessionEffect[] {
    this.#state = "ended";
    this.#cause = cause;
    return ["ended"];
  }

  #acknowledge(sentAtMs: number, grantedMs: number): void {
    const { ttlMs, lockDelayMs, maxClockDrift } = this.#times;
    const lifeMs = Math.min(ttlMs, grantedMs - lockDelayMs) * (1 - maxClockDrift);
    this.#heartbeatMs = lifeMs / HEARTBEATS_A_LIFE;
    this.#acknowledgedMs = Math.max(this.#acknowledgedMs, sentAtMs);
    this.#renewAtMs = this.#acknowledgedMs + this.#heartbeatMs;
    this.#validUntilMs = Math.max(this.#validUntilMs, sentAtMs + lifeMs);
  }
}
