import type { Channel } from "./channel.ts";
import type { OperatorContext } from "./operator-context.ts";
import { NO_GROUPS } from "./state/layer.ts";

/**
 * Several inputs as one: the watermark is the least of those that are not idle, a barrier goes on
 * when the last input has had it. Whoever feeds the inputs reads none of them beyond its barrier, so
 * alignment needs no buffer.
 */
export class Union<T> {
  readonly inputs: readonly Channel<T>[];
  readonly #context: OperatorContext;
  readonly #next: Channel<T>;
  readonly #ports: readonly UnionPort<T>[];
  #watermarkMs = -Infinity;
  #waiting = 0;
  #ended = 0;

  constructor(context: OperatorContext, next: Channel<T>, count: number) {
    this.#context = context;
    this.#next = next;
    this.#ports = Array.from({ length: count }, () => new UnionPort(this, next));
    this.inputs = this.#ports;
    const layer = context.restored.at(-1);
    if (layer) this.#restore(layer.own.map((own) => context.codec.decode(own) as UnionState));
  }

  /**
   * Some input's watermark or idleness changed. When the last one goes idle, the highest watermark
   * counts: so it would had the others gone idle before.
   */
  advance(): void {
    let leastActiveMs = Infinity;
    let highestMs = -Infinity;
    let isIdle = true;
    for (const port of this.#ports) {
      highestMs = Math.max(highestMs, port.watermarkMs);
      if (port.isIdle) continue;
      isIdle = false;
      leastActiveMs = Math.min(leastActiveMs, port.watermarkMs);
    }
    const nowMs = isIdle ? highestMs : leastActiveMs;
    if (nowMs > this.#watermarkMs) {
      this.#watermarkMs = nowMs;
      this.#next.watermark(nowMs);
    }
    if (isIdle) this.#next.idle();
  }

  barrier(checkpointId: number): void {
    if (this.#waiting === 0) this.#waiting = this.#ports.length;
    this.#waiting--;
    if (this.#waiting > 0) return;
    for (const port of this.#ports) port.isBlocked = false;
    this.#context.keep(checkpointId, {
      groups: NO_GROUPS,
      own: [this.#context.codec.encode(this.#state())],
    });
    this.#next.barrier(checkpointId);
  }

  end(): void {
    this.#ended++;
    if (this.#ended === this.#ports.length) this.#next.end();
  }

  #state(): UnionState {
    return {
      watermarkMs: this.#watermarkMs,
      ports: this.#ports.map(({ watermarkMs, isIdle }) => ({ watermarkMs, isIdle })),
    };
  }

  /** With as many subtasks as there were, each has its own; else the least of all. */
  #restore(states: readonly UnionState[]): void {
    const { subtask, subtasks } = this.#context;
    const own = states.length === subtasks ? states[subtask] : undefined;
    this.#watermarkMs = own?.watermarkMs ?? Math.min(...states.map((one) => one.watermarkMs));
    this.#ports.forEach((port, at) => {
      const same = states.flatMap(({ ports }) => ports[at] ?? []);
      if (own) Object.assign(port, own.ports[at]);
      else port.watermarkMs = Math.min(...same.map((one) => one.watermarkMs));
    });
  }
}

interface UnionState {
  readonly watermarkMs: number;
  readonly ports: readonly { readonly watermarkMs: number; readonly isIdle: boolean }[];
}

class UnionPort<T> implements Channel<T> {
  watermarkMs = -Infinity;
  isIdle = false;
  /** Has had a barrier that another input has not had yet. */
  isBlocked = false;
  readonly #union: Union<T>;
  readonly #next: Channel<T>;

  constructor(union: Union<T>, next: Channel<T>) {
    this.#union = union;
    this.#next = next;
  }

  record(value: T, timestampMs: number): void {
    if (this.isBlocked) throw new Error("an input was read beyond its barrier");
    this.#next.record(value, timestampMs);
  }

  watermark(ms: number): void {
    this.isIdle = false;
    this.watermarkMs = Math.max(this.watermarkMs, ms);
    this.#union.advance();
  }

  idle(): void {
    this.isIdle = true;
    this.#union.advance();
  }

  barrier(checkpointId: number): void {
    if (this.isBlocked) throw new Error(`barrier ${checkpointId} before the one ahead was aligned`);
    this.isBlocked = true;
    this.#union.barrier(checkpointId);
  }

  end(): void {
    this.#union.end();
  }
}
