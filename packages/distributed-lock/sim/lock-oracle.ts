import type { Clock } from "@quorate/runtime";
import { type Contender, FencedResource, type HeldLock, type Place } from "../src/index.ts";
import { AcceptedWrites } from "./accepted-writes.ts";
import type { LockCoverage } from "./lock-coverage.ts";
import { LOCK_DELAY_MS, PERMITS, SHORTEST_TTL_MS } from "./lock-terms.ts";
import type { Queues, StoreObserver } from "./store-observer.ts";

/** A lock that a client holds, as far as it knows. */
interface Grant {
  readonly held: HeldLock;
  readonly client: string;
  readonly clock: Clock;
  /** Whether the process that holds it is there at all; it may be paused. */
  readonly isThere: () => boolean;
}

interface SessionRecord {
  readonly client: string;
  renewedAtMs: number;
}

/** How long one that is first in line, and well connected, may take to learn of it. */
const LEARN_WITHIN_MS = 10_000;

/** Sees the store and all clients at once, and what must be true of them. */
export class LockOracle {
  readonly observe: StoreObserver;
  readonly #queues: Queues;
  readonly #world: Clock;
  readonly #fail: (error: unknown) => void;
  readonly #cover: (what: LockCoverage) => void;
  /** How much faster than the world's a clock may be. */
  readonly #fastest: number;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #forced = new Set<string>();
  readonly #left = new Set<string>();
  readonly #known = new Map<string, Contender>();
  readonly #grants = new Map<string, Grant>();
  readonly #newest = new Map<string, bigint>();
  readonly #resources = new Map<string, FencedResource>();
  readonly #accepted = new AcceptedWrites();
  readonly #joinedAtMs = new Map<string, number>();
  readonly #patientSinceMs = new Map<string, number>();
  readonly #admittedSince = new Map<string, number>();
  #calm: ReadonlySet<string> | undefined;

  constructor(
    world: Clock,
    fastest: number,
    queues: Queues,
    cover: (what: LockCoverage) => void,
    fail: (error: unknown) => void,
  ) {
    this.#world = world;
    this.#fail = fail;
    this.#fastest = fastest;
    this.#cover = cover;
    this.#queues = queues;
    this.observe = {
      called: (from, call, result, atMs) =>
        this.#guarded(() => this.#called(from, call, result, atMs)),
      changed: () => this.#guarded(() => this.#changed()),
      told: (queue, ref, by) => this.#guarded(() => this.#told(queue, ref, by)),
    };
  }

  /** From now on nothing goes wrong with these clients. */
  calm(clients: ReadonlySet<string>): void {
    this.#calm = clients;
  }

  /** From now on this client waits for one lock at a time, and gives up no wait. */
  patient(client: string): void {
    this.#patientSinceMs.set(client, this.#world.now());
  }

  granted(held: HeldLock, client: string, clock: Clock, isThere: () => boolean): void {
    const { name, token, ref } = held;
    if (this.#grants.has(key(held))) throw new Error(`${name} ${ref} was granted twice`);
    this.#grants.set(key(held), { held, client, clock, isThere });
    if (!held.isValid) throw new Error(`${name} ${ref} was lost before it was granted`);
    const newest = this.#newest.get(name) ?? 0n;
    const isAlone = name === "m" || name === "d";
    if (isAlone && token <= newest && !this.#forced.has(key(held))) {
      throw new Error(`${name} was granted under token ${token} after ${newest}`);
    }
    this.#newest.set(name, token > newest ? token : newest);
    this.check();
  }

  /** Its holder has done with it, or has been told that it was lost. */
  ended(held: HeldLock): void {
    this.#grants.delete(key(held));
  }

  /** A holder's write arrives at the resource, however late. */
  write(held: HeldLock): void {
    const { name } = held;
    const resource = this.#resources.get(name) ?? new FencedResource();
    this.#resources.set(name, resource);
    const isAccepted = resource.accepts(held);
    this.#cover(isAccepted ? "writes accepted" : "writes refused");
    if (isAccepted) this.#accepted.add(held);
  }

  /** Places of these clients' contenders. */
  contendersOf(clients: ReadonlySet<string>): readonly string[] {
    return this.#queues
      .names()
      .flatMap((queue) => this.#queues.contenders(queue))
      .filter(({ sessionId }) => clients.has(this.#session(sessionId).client))
      .map(({ queue, ref }) => `${queue} ${ref}`);
  }

  check(): void {
    for (const queue of ["m", "d", "rw", "s"]) {
      const contenders = this.#queues.contenders(queue);
      const valid = [...this.#grants.values()].filter(
        (grant) => grant.held.name === queue && grant.isThere() && this.#isValid(grant),
      );
      for (const grant of valid) checkAdmitted(grant, contenders);
      checkTogether(queue, valid);
      if (this.#calm) this.#checkLearned(contenders);
    }
  }

  /** What is found while the server is at work is no fault of the server's. */
  #guarded(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** By the clock of its machine: to ask the lock would wake a process that is paused. */
  #isValid({ held, clock }: Grant): boolean {
    return clock.now() < held.validUntil && !this.#forced.has(key(held));
  }

  #called(
    client: string,
    { method, values }: Parameters<StoreObserver["called"]>[1],
    result: unknown,
    atMs: number,
  ): void {
    if (method === "openSession") {
      const { id } = result as { readonly id: string };
      this.#sessions.set(id, { client, renewedAtMs: atMs });
    } else if (method === "keepAlive") {
      if (result === "expired") this.#cover("sessions ended by the store");
      else this.#renewed(values[0] as string, atMs);
    } else if (method === "closeSession") this.#left.add(values[0] as string);
    else if (method === "leave") this.#leaving(values);
    else if (method === "join" && result === "refused") {
      if (this.#left.has(placeOf(values[0] as Place))) this.#cover("late joins refused");
    }
  }

  #session(id: string): SessionRecord {
    const record = this.#sessions.get(id);
    if (record) return record;
    throw new Error(`a contender is of session ${id}, which nobody has opened`);
  }

  #renewed(session: string, atMs: number): void {
    const record = this.#session(session);
    record.renewedAtMs = Math.max(record.renewedAtMs, atMs);
  }

  #leaving([place, token]: readonly unknown[]): void {
    const { queue, id } = place as Place;
    // Who takes others out has found them in a list, and shows what he found.
    const isForced = "ref" in (place as Partial<Contender>);
    for (const contender of this.#known.values()) {
      if (contender.queue !== queue || contender.id !== id) continue;
      if (token !== null && contender.token !== token) continue;
      this.#left.add(key(contender));
      if (isForced) this.#forced.add(key(contender));
    }
    if (token === null) {
      this.#cover("joins of places that were left");
      this.#left.add(placeOf(place as Place));
    }
  }

  #changed(): void {
    const present = new Map<string, Contender>();
    for (const queue of this.#queues.names()) {
      for (const each of this.#queues.contenders(queue)) present.set(key(each), each);
    }
    for (const [name, contender] of present) {
      if (this.#known.has(name)) continue;
      this.#known.set(name, contender);
      this.#joinedAtMs.set(name, this.#world.now());
    }
    this.#checkGone(present);
  }

  /** Contenders that are gone: of those that nobody took out, the time must have been over. */
  #checkGone(present: ReadonlyMap<string, Contender>): void {
    for (const [name, contender] of this.#known) {
      if (present.has(name)) continue;
      this.#known.delete(name);
      this.check();
      const { queue, sessionId } = contender;
      const whys = [name, sessionId, placeOf(contender)];
      if (whys.some((why) => this.#left.has(why))) continue;
      const { renewedAtMs } = this.#session(sessionId);
      const keptMs = SHORTEST_TTL_MS + (queue === "d" ? LOCK_DELAY_MS : 0);
      const wasMs = this.#world.now() - renewedAtMs;
      if (wasMs < keptMs / this.#fastest - 1) {
        throw new Error(`${name} was out ${wasMs} ms after its last renewal: no lock-delay`);
      }
    }
  }

  /**
   * Where one holds at a time, each that goes wakes one waiter at most. Of clients that give up nothing
   * any more: the store may think of others as waiting that do not.
   */
  #told(queue: string, ref: string, by: readonly string[]): void {
    const gone = this.#known.get(`${queue} ${ref}`);
    if (!gone || (queue !== "m" && queue !== "d")) return;
    const joinedAtMs = this.#joinedAtMs.get(key(gone))!;
    const own = this.#session(gone.sessionId).client;
    const woken = by.filter(
      (client) => client !== own && (this.#patientSinceMs.get(client) ?? Infinity) < joinedAtMs,
    );
    if (woken.length === 1) this.#cover("wake-ups");
    if (woken.length > 1) {
      throw new Error(`a herd: ${woken.join(", ")} were woken when ${ref} left ${queue}`);
    }
  }

  /** Whoever is first in line learns of it. */
  #checkLearned(contenders: readonly Contender[]): void {
    for (const [at, contender] of contenders.entries()) {
      const name = key(contender);
      const isAdmitted = at < limitOf(contender, contenders.slice(0, at));
      const { client } = this.#session(contender.sessionId);
      if (!isAdmitted || this.#grants.has(name) || !this.#calm!.has(client)) {
        this.#admittedSince.delete(name);
        continue;
      }
      const sinceMs = this.#admittedSince.get(name) ?? this.#world.now();
      this.#admittedSince.set(name, sinceMs);
      const waitedMs = this.#world.now() - sinceMs;
      if (waitedMs > LEARN_WITHIN_MS) {
        throw new Error(`no progress: ${name} of ${client} could be held for ${waitedMs} ms`);
      }
    }
  }
}

/** Whoever holds must stand in the queue, and with few enough ahead. */
function checkAdmitted({ held, client }: Grant, contenders: readonly Contender[]): void {
  const at = contenders.findIndex(({ ref }) => ref === held.ref);
  if (at < 0) throw new Error(`${client} holds ${key(held)}, which is not in the queue`);
  if (at >= limitOf(contenders[at]!, contenders.slice(0, at))) {
    throw new Error(`${client} holds ${key(held)} before its turn: ${at} are ahead`);
  }
}

/** How many may be ahead of it, itself counted: found out in another way than by the locks. */
function limitOf({ queue, role }: Contender, ahead: readonly Contender[]): number {
  if (queue === "s") return PERMITS;
  if (role === "exclusive") return 1;
  return ahead.some((other) => other.role === "exclusive") ? 0 : Infinity;
}

function checkTogether(queue: string, valid: readonly Grant[]): void {
  const names = valid.map(({ held, client }) => `${client} ${held.role} ${held.ref}`);
  const writers = valid.filter(({ held }) => held.role === "exclusive").length;
  const isFine =
    queue === "s"
      ? valid.length <= PERMITS
      : writers === 0 || (writers === 1 && valid.length === 1);
  if (!isFine) throw new Error(`${queue} is held by ${names.join(" and ")}`);
}

function key({ name, queue, ref }: { name?: string; queue?: string; ref: string }): string {
  return `${name ?? queue} ${ref}`;
}

function placeOf({ queue, sessionId, id }: Place): string {
  return `${queue}/${sessionId}/${id}`;
}
