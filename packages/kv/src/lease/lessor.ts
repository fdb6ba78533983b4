import { DeadlineHeap } from "./deadline-heap.ts";
import type { Lease } from "./lease-table.ts";

/** A lease that fell due and was told is told again after so long, if it is still there. */
const RETRY_MS = 3_000;

interface Running {
  readonly ttlSeconds: number;
  deadlineMs: number;
  /** Where it stands in the heap; what else the heap has of it is of its past. */
  lookAtMs: number;
}

/**
 * - a number: renewed for so many seconds.
 * - `not-leading`: another node counts.
 * - `not-found`: there is no such lease (any more).
 * - `expired`: its time is over, and whether it is revoked is not decided: ask again, or wait.
 */
export type Renewal = number | "not-leading" | "not-found" | "expired";

/**
 * Counts the time of leases on the node that leads, and only there: followers know which leases there
 * are, not how long they have left, so a new leader gives each its full time again. What falls due is
 * told, and is over once its revoke has been through the log.
 *
 * A pure core: time comes in as an argument, in milliseconds of any monotonic clock.
 *
 * Source: C. Gray, D. Cheriton, "Leases", SOSP 1989; etcd's lessor.
 */
export class Lessor {
  readonly #due = new DeadlineHeap();
  readonly #leases = new Map<number, Running>();
  #isLeading = false;

  get isLeading(): boolean {
    return this.#isLeading;
  }

  /** When to ask `due` the next time; undefined while nothing will fall due. May be too early. */
  get nextMs(): number | undefined {
    return this.#due.first?.atMs;
  }

  /** This node leads now: all leases begin anew. */
  promote(leases: Iterable<Lease>, nowMs: number): void {
    this.demote();
    this.#isLeading = true;
    for (const lease of leases) this.granted(lease, nowMs);
  }

  /** This node leads no more. */
  demote(): void {
    this.#isLeading = false;
    this.#leases.clear();
    this.#due.clear();
  }

  granted({ id, ttlSeconds }: Lease, nowMs: number): void {
    if (!this.#isLeading) return;
    const deadlineMs = nowMs + ttlSeconds * 1_000;
    const lease = { ttlSeconds, deadlineMs, lookAtMs: deadlineMs };
    this.#leases.set(id, lease);
    this.#lookAt(id, lease, deadlineMs);
  }

  revoked(id: number): void {
    this.#leases.delete(id);
  }

  /**
   * Gives a lease its full time again. `askedAtMs` is when this node was asked, or earlier; it must have
   * led since, or another node counts too.
   */
  keepAlive(id: number, askedAtMs: number, nowMs: number): Renewal {
    if (!this.#isLeading) return "not-leading";
    const lease = this.#leases.get(id);
    if (!lease) return "not-found";
    if (lease.deadlineMs <= nowMs) return "expired";
    // Its place in the heap is too early now; `due` moves it.
    const deadlineMs = askedAtMs + lease.ttlSeconds * 1_000;
    lease.deadlineMs = Math.max(lease.deadlineMs, deadlineMs);
    return lease.ttlSeconds;
  }

  /** Milliseconds, 0 when it fell due; undefined for a lease that this node does not count. */
  remainingMs(id: number, nowMs: number): number | undefined {
    const lease = this.#leases.get(id);
    return lease && Math.max(0, lease.deadlineMs - nowMs);
  }

  /** Leases to revoke, at most `max`: each is told again after three seconds if it is still there. */
  due(nowMs: number, max: number): number[] {
    const ids: number[] = [];
    for (let first = this.#due.first; first && first.atMs <= nowMs; first = this.#due.first) {
      if (ids.length >= max) break;
      this.#due.pop();
      const lease = this.#leases.get(first.id);
      if (lease?.lookAtMs !== first.atMs) continue;
      const isOver = lease.deadlineMs <= nowMs;
      if (isOver) ids.push(first.id);
      this.#lookAt(first.id, lease, isOver ? nowMs + RETRY_MS : lease.deadlineMs);
    }
    return ids;
  }

  #lookAt(id: number, lease: Running, atMs: number): void {
    lease.lookAtMs = atMs;
    this.#due.push({ id, atMs });
  }
}
