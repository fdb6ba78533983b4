import type { Channel } from "./channel.ts";
import type { Brake } from "./flow.ts";

/** What an operator of several inputs hears of all of them together. */
export type Control = Omit<Channel<never>, "record">;

/** What an operator of several inputs does with the records of one. */
export type RecordHandler = (value: never, timestampMs: number) => void;

/**
 * Several inputs as one: the watermark is the least of those that are not idle, a barrier goes on
 * when the last input has had it. Whoever feeds the inputs reads none of them beyond its barrier, so
 * alignment needs no buffer.
 */
export class Inputs {
  readonly channels: readonly Channel<never>[];
  readonly #control: Control;
  readonly #ports: readonly Port[];
  #watermarkMs = -Infinity;
  #waiting = 0;
  #ended = 0;

  constructor(control: Control, onRecord: readonly RecordHandler[]) {
    this.#control = control;
    this.#ports = onRecord.map((handler) => new Port(this, handler));
    this.channels = this.#ports;
  }

  /** For a checkpoint: plain data. */
  get state(): InputsState {
    return {
      watermarkMs: this.#watermarkMs,
      ports: this.#ports.map(({ watermarkMs, isIdle, isComplete }) => {
        return { watermarkMs, isIdle, isComplete };
      }),
    };
  }

  /**
   * With as many subtasks as there were, each has its own; else the least of all: of each input, too,
   * as long as inputs are the same (those of a gate are the subtasks that write). What feeds an input
   * does not repeat a watermark after a restore, but the end of all event time it tells again.
   */
  restore(states: readonly InputsState[], subtask: number, subtasks: number): void {
    const own = states.length === subtasks ? states[subtask] : undefined;
    const watermarkMs = own?.watermarkMs ?? Math.min(...states.map((one) => one.watermarkMs));
    if (watermarkMs < Infinity) this.#watermarkMs = watermarkMs;
    const isSame = states.every(({ ports }) => ports.length === this.#ports.length);
    this.#ports.forEach((port, at) => {
      if (own) Object.assign(port, own.ports[at]);
      else if (isSame) port.restore(states.map(({ ports }) => ports[at] as PortState));
    });
  }

  /**
   * Some input's watermark or idleness changed. When the last one goes idle, the highest watermark
   * counts: so it would had the others gone idle before. An input at its end holds nothing back, but
   * all event time has come only when it has for all: those that are idle may go on.
   */
  advance(): void {
    let leastActiveMs = Infinity;
    let highestMs = -Infinity;
    let isIdle = true;
    let isComplete = true;
    for (const port of this.#ports) {
      highestMs = Math.max(highestMs, port.watermarkMs);
      if (port.isComplete) continue;
      isComplete = false;
      if (port.isIdle) continue;
      isIdle = false;
      leastActiveMs = Math.min(leastActiveMs, port.watermarkMs);
    }
    const reachedMs = isIdle ? highestMs : leastActiveMs;
    const nowMs = isComplete ? Infinity : reachedMs;
    if (nowMs > this.#watermarkMs) {
      this.#watermarkMs = nowMs;
      this.#control.watermark(nowMs);
    }
    if (isIdle && !isComplete) this.#control.idle();
  }

  barrier(checkpointId: number): void {
    if (this.#waiting === 0) this.#waiting = this.#ports.length;
    this.#waiting--;
    if (this.#waiting > 0) return;
    for (const port of this.#ports) port.block(false);
    this.#control.barrier(checkpointId);
  }

  end(): void {
    this.#ended++;
    if (this.#ended === this.#ports.length) this.#control.end();
  }
}

export interface InputsState {
  readonly watermarkMs: number;
  readonly ports: readonly PortState[];
}

type PortState = Pick<Port, "watermarkMs" | "isIdle" | "isComplete">;

/** One input. Whoever feeds it sets `brake`, which holds it while it waits for the others. */
export class Port implements Channel<never> {
  /** The highest that is finite. */
  watermarkMs: number = -Infinity;
  isIdle: boolean = false;
  /** All its event time has come. */
  isComplete: boolean = false;
  /** Has had a barrier that another input has not had yet. */
  isBlocked: boolean = false;
  brake: Brake | undefined;
  readonly #inputs: Inputs;
  readonly #onRecord: RecordHandler;

  constructor(inputs: Inputs, onRecord: RecordHandler) {
    this.#inputs = inputs;
    this.#onRecord = onRecord;
  }

  record(value: never, timestampMs: number): void {
    if (this.isBlocked) throw new Error("an input was read beyond its barrier");
    this.#onRecord(value, timestampMs);
  }

  /** As it was in all subtasks: the least that some were at, if not all were at their end. */
  restore(states: readonly PortState[]): void {
    const open = states.filter(({ isComplete }) => !isComplete);
    this.isComplete = open.length === 0;
    const least = this.isComplete ? states : open;
    this.watermarkMs = Math.min(...least.map(({ watermarkMs }) => watermarkMs));
  }

  watermark(ms: number): void {
    this.isIdle = false;
    this.isComplete = ms === Infinity;
    if (!this.isComplete) this.watermarkMs = Math.max(this.watermarkMs, ms);
    this.#inputs.advance();
  }

  idle(): void {
    this.isIdle = true;
    this.#inputs.advance();
  }

  barrier(checkpointId: number): void {
    if (this.isBlocked) throw new Error(`barrier ${checkpointId} before the one ahead was aligned`);
    this.block(true);
    this.#inputs.barrier(checkpointId);
  }

  block(isBlocked: boolean): void {
    this.isBlocked = isBlocked;
    this.brake?.set(isBlocked);
  }

  end(): void {
    this.#inputs.end();
  }
}
