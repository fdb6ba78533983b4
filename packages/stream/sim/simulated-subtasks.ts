import { type Clock, integerBetween, type Random } from "@quorate/runtime";
import type { ExchangeBatch } from "../src/core/exchange/exchange-batch.ts";
import type { Graph } from "../src/graph.ts";
import type { SubtaskFactory } from "../src/run/attempt.ts";
import { type LoopOptions, SubtaskLoop } from "../src/run/subtask-loop.ts";
import type { SubtaskEvents, SubtaskHandle } from "../src/run/subtask-handle.ts";
import { MOST_COPIES } from "./branches/input.ts";
import type { Cover } from "./stream-coverage.ts";

export interface ExchangeWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly subtasks: number;
  readonly batchRecords: number;
  readonly credits: number;
  /** From one subtask to another, at most. */
  readonly delayMs: number;
  /** Whether what a subtask is told, or tells, comes a second time. */
  readonly comesAgain: () => boolean;
  readonly cover: Cover;
  readonly fail: (error: Error) => void;
}

/**
 * Batches beyond the credits: what one event makes, each of which may fill a batch, a batch that ends
 * in a barrier, and one that waited for more.
 */
const MOST_BEYOND_CREDITS: number = MOST_COPIES + 2;

/** The kind of a mark that says so, see `ExchangeBatch`. */
const IDLE = 1;

/** Subtasks of one attempt in one thread, with a slow network between them. */
export function simulatedSubtasks(
  graph: Graph,
  options: Omit<LoopOptions, "exchange" | "subtask" | "subtasks" | "giveWay" | "restored">,
  world: ExchangeWorld,
): SubtaskFactory {
  return (restored, eventsOf) => {
    const { clock, random, subtasks } = world;
    const exchange = new SimulatedExchange(world);
    const giveWay = (): Promise<void> =>
      new Promise((resolve) => clock.setTimer(random.next(), resolve));
    for (let subtask = 0; subtask < subtasks; subtask++) {
      const loop = new SubtaskLoop(
        graph,
        { ...options, restored, subtask, subtasks, giveWay, exchange: exchange.of(subtask) },
        tellingTwice(eventsOf(subtask), world),
      );
      exchange.loops.push(loop);
    }
    return exchange.loops.map((loop) => toldTwice(loop, world));
  };
}

/** What is under way between the subtasks of one attempt: in order from one to another. */
class SimulatedExchange {
  readonly loops: SubtaskLoop[] = [];
  readonly #world: ExchangeWorld;
  /** When the last message between two comes. */
  readonly #comesAtMs = new Map<string, number>();
  /** Batches that were sent and not handed on yet. */
  readonly #onTheWay = new Map<string, number>();

  constructor(world: ExchangeWorld) {
    this.#world = world;
  }

  of(subtask: number): NonNullable<LoopOptions["exchange"]> {
    const { batchRecords, credits } = this.#world;
    return {
      batchRecords,
      credits,
      send: (edge, target, batch) => this.#send(edge, subtask, target, batch),
      onHandedOn: (edge, writer) => {
        const link = `${edge}: ${writer} to ${subtask}`;
        this.#deliver(`${link}, credit`, writer === subtask, () => {
          const left = (this.#onTheWay.get(link) ?? 0) - 1;
          this.#onTheWay.set(link, left);
          if (left < 0) this.#world.fail(new Error(`more credits than batches on ${link}`));
          this.loops[writer]?.subtask.job.outputs[edge]?.credit(subtask, 1);
          this.loops[writer]?.wake();
        });
      },
    };
  }

  #send(edge: number, subtask: number, target: number, batch: ExchangeBatch): void {
    const { credits, cover, fail } = this.#world;
    const link = `${edge}: ${subtask} to ${target}`;
    const onTheWay = (this.#onTheWay.get(link) ?? 0) + 1;
    this.#onTheWay.set(link, onTheWay);
    if (onTheWay >= credits) cover("writers without credit");
    if (isIdle(batch)) cover("subtasks that told others that they are idle");
    if (onTheWay > credits + MOST_BEYOND_CREDITS) {
      fail(new Error(`${onTheWay} batches on the way on ${link}, with ${credits} credits`));
    }
    this.#deliver(link, subtask === target, () => {
      this.loops[target]?.subtask.job.gates[edge]?.receive(subtask, batch);
      this.loops[target]?.wake();
    });
  }

  #deliver(link: string, isSame: boolean, act: () => void): void {
    if (isSame) return act();
    const { clock, random, delayMs } = this.#world;
    const nowMs = clock.now();
    const comesAtMs = Math.max(this.#comesAtMs.get(link) ?? 0, nowMs + delayMs * random.next());
    this.#comesAtMs.set(link, comesAtMs);
    clock.setTimer(comesAtMs - nowMs, act);
  }
}

/** Parts may come a second time, when another checkpoint is under way. */
function tellingTwice(events: SubtaskEvents, world: ExchangeWorld): SubtaskEvents {
  return {
    ...events,
    onPart(part) {
      if (world.subtasks > 1) world.cover("parts aligned over several subtasks");
      if (world.comesAgain()) {
        world.cover("parts that came again");
        again(world, () => events.onPart(part));
      }
      events.onPart(part);
    },
  };
}

/** Barriers and commits may come a second time. */
function toldTwice(loop: SubtaskLoop, world: ExchangeWorld): SubtaskHandle {
  return {
    start: () => loop.start(),
    barrier(id, isFinal) {
      loop.barrier(id, isFinal);
      if (!world.comesAgain()) return;
      world.cover("barriers that came again");
      again(world, () => loop.barrier(id, isFinal));
    },
    async commit(id) {
      await loop.commit(id);
      if (world.comesAgain()) again(world, () => void loop.commit(id));
    },
    metrics: () => loop.metrics(),
    close: () => loop.close(),
  };
}

function isIdle({ marks }: ExchangeBatch): boolean {
  return marks.some((kind, at) => at % 3 === 1 && kind === IDLE);
}

function again({ clock, random }: ExchangeWorld, act: () => void): void {
  clock.setTimer(integerBetween(random, 0, 100), act);
}
