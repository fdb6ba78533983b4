import type { Clock } from "@quorate/runtime";
import type { NodeEnvironment } from "@quorate/simulation";
import type { Transport } from "@quorate/transport";
import type { StoreState } from "../src/core/store-state.ts";
import type { Blockers, JoinRequest, Place } from "../src/index.ts";
import type { StoreObserver } from "./store-observer.ts";
import { type Call, decode, encode, PROTOCOL } from "./wire.ts";

/** Looks for sessions that are over so often. */
const EXPIRE_EVERY_MS = 50;

/** What outlives the server: the replicated state of a store, as another of its machines takes it over. */
export interface Durable {
  readonly state: StoreState;
  /** Calls that were carried out: none is a second time, however often its message comes. */
  readonly done: Set<string>;
  readonly observe: StoreObserver;
  /** The world's clock, which runs as none of a machine does. */
  readonly worldMs: () => number;
}

interface Waiter {
  readonly from: string;
  readonly call: Call;
}

/** A store's machine that answers clients. Another one after each crash, with the same state. */
export class LockServer {
  readonly clock: Clock;
  readonly #transport: Transport;
  readonly #durable: Durable;
  /** By what they wait for, then by client. */
  readonly #waiting = new Map<string, Map<string, Waiter>>();

  constructor({ clock, transport }: NodeEnvironment, durable: Durable) {
    this.clock = clock;
    this.#transport = transport;
    this.#durable = durable;
    durable.state.failOver(clock.now());
    transport.onMessage(PROTOCOL, (from, bytes) => this.#take(from, decode(bytes) as Call));
    this.#expireSoon();
  }

  #expireSoon(): void {
    this.clock.setTimer(EXPIRE_EVERY_MS, () => {
      this.#durable.state.expire(this.clock.now());
      this.#changed();
      this.#expireSoon();
    });
  }

  #take(from: string, call: Call): void {
    const { done, state, observe } = this.#durable;
    const key = `${call.life}/${call.id}`;
    if (done.has(key)) return;
    done.add(key);
    state.expire(this.clock.now());
    this.#changed();
    if (call.method === "whenGone" || call.method === "whenJoined") return this.#wait(from, call);
    const result = this.#run(call) ?? null;
    observe.called(from, call, result, this.#durable.worldMs());
    this.#changed();
    this.#reply({ from, call }, result);
  }

  #run({ method, values }: Call): unknown {
    const { state } = this.#durable;
    const nowMs = this.clock.now();
    const [first, second] = values;
    switch (method) {
      case "openSession":
        return state.openSession(first as number, nowMs);
      case "keepAlive":
        return state.keepAlive(first as string, nowMs);
      case "closeSession":
        return state.closeSession(first as string);
      case "join":
        return state.join(first as JoinRequest, nowMs);
      case "standing":
        return state.standing(first as Place, second as Blockers, nowMs);
      case "leave":
        return state.leave(first as Place, (second as bigint | null) ?? undefined);
      case "contenders":
        return state.contenders(first as string, second as number, nowMs);
      default:
        throw new Error(`no method is named ${method}`);
    }
  }

  #wait(from: string, call: Call): void {
    const { state } = this.#durable;
    const [queue, ref] = call.values as [string, string | undefined];
    const isOver = ref === undefined ? !state.isEmpty(queue) : !state.has(queue, ref);
    if (isOver) return this.#reply({ from, call }, null);
    const key = ref === undefined ? queue : `${queue}\0${ref}`;
    const waiting = this.#waiting.get(key) ?? new Map<string, Waiter>();
    this.#waiting.set(key, waiting.set(`${from}/${call.id}`, { from, call }));
  }

  #changed(): void {
    const { state, observe } = this.#durable;
    for (const change of state.takeChanges()) {
      const key = change.kind === "joined" ? change.queue : `${change.queue}\0${change.ref}`;
      const waiting = this.#waiting.get(key);
      this.#waiting.delete(key);
      const told = [...(waiting?.values() ?? [])];
      if (change.kind === "gone") {
        observe.told(change.queue, change.ref, [...new Set(told.map(({ from }) => from))]);
      }
      for (const waiter of told) this.#reply(waiter, null);
    }
    observe.changed();
  }

  #reply({ from, call }: Waiter, result: unknown): void {
    this.#transport.send(from, PROTOCOL, encode({ id: call.id, life: call.life, result }));
  }
}
