import { StreamError } from "../../stream-error.ts";
import type { Aggregate } from "../aggregate.ts";
import type { Channel } from "../channel.ts";
import { KeyedOperator } from "../keyed-operator.ts";
import type { OperatorContext } from "../operator-context.ts";
import type { OutputTag } from "../output-tag.ts";
import type { Key } from "../state/key-groups.ts";
import type { Row } from "../state/row.ts";
import type { KeyTimer } from "../time/key-timer.ts";
import type { WindowAssigner } from "./assigners.ts";
import type { Evictor, WindowElement } from "./evictors.ts";
import { lastMs, type Window } from "./window.ts";
import { PaneContext } from "./pane-context.ts";
import type { Trigger, TriggerResult } from "./triggers.ts";

/** A window with its key, as a result is told of it. */
export interface WindowOf<K> extends Window {
  readonly key: K;
}

export interface WindowSpec<K, In, Acc, Agg, Out> {
  readonly assigner: WindowAssigner;
  readonly trigger: Trigger<In>;
  readonly aggregate: Aggregate<In, Acc, Agg>;
  /** Puts out any number of results of a window. */
  readonly result: (value: Agg, window: WindowOf<K>, emit: (result: Out) => void) => void;
  /** Of windows that keep their elements; undefined: the aggregate is all they keep. */
  readonly elements: ElementsSpec | undefined;
  /** How long a complete window is kept for late records. */
  readonly allowedLatenessMs: number;
  /** Where records go that are in no window any more; undefined: they are dropped, and counted. */
  readonly lateTag: OutputTag<In> | undefined;
}

/** The accumulator is then a list: of elements with their times if there is an evictor. */
export interface ElementsSpec {
  /** Most elements of a window of a key; one more is refused as `window-too-large`. */
  readonly maxElements: number;
  readonly evictor: Evictor<unknown> | undefined;
}

/** A window of a key, as state keeps it. */
interface Pane<Acc> extends Window {
  startMs: number;
  endMs: number;
  accumulator: Acc | undefined;
  count: number;
}

/**
 * Windows by key, as Flink's `WindowOperator`: an assigner says where a record belongs, a trigger when
 * a window emits, allowed lateness when it is forgotten. Panes are in their key's row; their timers
 * have the window's start as namespace.
 */
export class WindowOperator<K extends Key, In, Acc, Agg, Out> extends KeyedOperator<K, In, Out> {
  readonly #spec: WindowSpec<K, In, Acc, Agg, Out>;
  readonly #slot: number;
  readonly #triggerContext: PaneContext;
  readonly #emitResult: (result: Out) => void;
  /** The timestamp of results whose window has no end. */
  #recordMs = 0;
  #resultMs = 0;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keyOf: (value: In) => K,
    spec: WindowSpec<K, In, Acc, Agg, Out>,
  ) {
    super(context, next, keyOf);
    this.#spec = spec;
    this.#slot = this.rows.declare("panes");
    this.#triggerContext = new PaneContext(
      () => this.watermarkMs,
      () => this.context.processingTime.nowMs,
      (domain, timeMs, namespace) => this.timers.set(domain, timeMs, namespace),
    );
    this.#emitResult = (result) => next.record(result, this.#resultMs);
    this.restore();
  }

  record(value: In, timestampMs: number): void {
    const { assigner, aggregate, trigger, elements } = this.#spec;
    const added = elements?.evictor ? ({ value, timestampMs } as In) : value;
    this.#recordMs = timestampMs;
    this.rows.select(this.keyOf(value));
    const isEvent = assigner.domain === "event";
    const timeMs = isEvent ? timestampMs : this.context.processingTime.nowMs;
    let isInAny = false;
    for (const window of assigner.assign(timeMs)) {
      const pane = assigner.isMerging ? this.#merged(window) : this.#paneOf(window);
      if (!pane) continue;
      isInAny = true;
      if (elements) this.#checkSize(elements, pane);
      pane.accumulator = aggregate.add(pane.accumulator ?? aggregate.create(), added);
      pane.count++;
      this.rows.touch();
      this.#act(trigger.onRecord(value, timeMs, this.#triggerContext.of(pane)), pane);
    }
    // A record between two sliding windows is in none without being late.
    const isPast = timestampMs + this.#spec.allowedLatenessMs <= this.watermarkMs;
    if (!isInAny && isEvent && isPast) this.#late(value, timestampMs);
  }

  protected onTimer({ domain, timeMs, namespace }: KeyTimer<K>): void {
    const pane = this.#paneAt(namespace);
    if (!pane) return;
    const { trigger, assigner } = this.#spec;
    this.#act(trigger.onTimer(domain, timeMs, this.#triggerContext.of(pane)), pane);
    if (domain === assigner.domain && timeMs === this.#forgottenAtMs(pane)) this.#drop(pane);
  }

  #paneAt(startMs: number): Pane<Acc> | undefined {
    for (const pane of this.#panes) if (pane.startMs === startMs) return pane;
    return undefined;
  }

  get #panes(): Pane<Acc>[] {
    return (this.rows.row?.slots[this.#slot] ?? []) as Pane<Acc>[];
  }

  /** The pane of a window, made if need be; undefined when the window is over. */
  #paneOf(window: Window): Pane<Acc> | undefined {
    const pane = this.#paneAt(window.startMs);
    return pane ?? (this.#isOver(window) ? undefined : this.#open(window, undefined, 0));
  }

  /** The pane of a new session and of all that it touches; undefined when it is over. */
  #merged(window: Window): Pane<Acc> | undefined {
    let first: Pane<Acc> | undefined;
    let touched = 0;
    for (const pane of this.#panes) {
      if (!touches(pane, window)) continue;
      first ??= pane;
      touched++;
    }
    if (!first) return this.#paneOf(window);
    return touched === 1 ? this.#extended(first, window) : this.#joined(window);
  }

  /** In place: most records lengthen the only session that they touch. */
  #extended(pane: Pane<Acc>, { startMs, endMs }: Window): Pane<Acc> {
    if (startMs >= pane.startMs && endMs <= pane.endMs) return pane;
    this.timers.clear(pane.startMs);
    pane.startMs = Math.min(pane.startMs, startMs);
    pane.endMs = Math.max(pane.endMs, endMs);
    this.#setEnd(pane);
    return pane;
  }

  #joined(window: Window): Pane<Acc> {
    const touched = this.#panes.filter((pane) => touches(pane, window));
    const startMs = Math.min(window.startMs, ...touched.map((pane) => pane.startMs));
    const endMs = Math.max(window.endMs, ...touched.map((pane) => pane.endMs));
    const accumulator = touched
      .map((pane) => pane.accumulator)
      .reduce((one, other) => this.#mergedAccumulator(one, other));
    const count = touched.reduce((sum, pane) => sum + pane.count, 0);
    for (const pane of touched) this.#drop(pane);
    return this.#open({ startMs, endMs }, accumulator, count);
  }

  #mergedAccumulator(one: Acc | undefined, other: Acc | undefined): Acc | undefined {
    if (one === undefined || other === undefined) return one ?? other;
    const { merge } = this.#spec.aggregate;
    if (!merge)
      throw new Error(`${this.context.id}: session windows need an aggregate that merges`);
    return merge(one, other);
  }

  #open(window: Window, accumulator: Acc | undefined, count: number): Pane<Acc> {
    const { startMs, endMs } = window;
    const pane = { startMs, endMs, accumulator, count };
    const panes = this.rows.row?.slots[this.#slot] as Pane<Acc>[] | undefined;
    panes?.push(pane);
    this.rows.put(this.#slot, panes ?? [pane]);
    this.#setEnd(pane);
    return pane;
  }

  #setEnd(pane: Pane<Acc>): void {
    if (pane.endMs === Infinity) return;
    this.timers.set(this.#spec.assigner.domain, this.#forgottenAtMs(pane), pane.startMs);
  }

  #act(result: TriggerResult, pane: Pane<Acc>): void {
    if (result === "continue") return;
    if (result !== "purge") this.#emit(pane);
    if (result === "fire") return;
    // A window without end has no timer that would drop it.
    if (pane.endMs === Infinity) return this.#drop(pane);
    pane.accumulator = undefined;
    pane.count = 0;
    this.rows.touch();
  }

  #emit(pane: Pane<Acc>): void {
    if (pane.accumulator === undefined) return;
    const { aggregate, result, elements } = this.#spec;
    const { startMs, endMs } = pane;
    const { key } = this.rows.row as Row<K>;
    const evictor = elements?.evictor;
    if (evictor?.when === "before") this.#evict(evictor, pane);
    this.#resultMs = endMs === Infinity ? this.#recordMs : endMs - 1;
    result(aggregate.result(pane.accumulator), { startMs, endMs, key }, this.#emitResult);
    if (evictor?.when === "after") this.#evict(evictor, pane);
  }

  #evict(evictor: Evictor<unknown>, pane: Pane<Acc>): void {
    const { startMs, endMs } = pane;
    const kept = evictor.keep(pane.accumulator as WindowElement<unknown>[], { startMs, endMs });
    pane.accumulator = [...kept] as Acc;
    this.rows.touch();
  }

  #checkSize({ maxElements }: ElementsSpec, { startMs, endMs, accumulator }: Pane<Acc>): void {
    if (((accumulator ?? []) as unknown[]).length < maxElements) return;
    const { key } = this.rows.row as Row<K>;
    const window = `window ${startMs} to ${endMs} of key ${String(key)}`;
    throw new StreamError(
      "window-too-large",
      `${window} has ${maxElements} elements, as many as it may (maxElements)`,
    );
  }

  #drop(pane: Pane<Acc>): void {
    const panes = this.#panes;
    const at = panes.indexOf(pane);
    if (at < 0) return;
    panes.splice(at, 1);
    this.timers.clear(pane.startMs);
    if (panes.length === 0) this.rows.put(this.#slot, undefined);
    else this.rows.touch();
  }

  #late(value: In, timestampMs: number): void {
    this.context.countLate();
    const { lateTag } = this.#spec;
    if (lateTag) this.context.sideOutput(lateTag).record(value, timestampMs);
  }

  #forgottenAtMs(window: Window): number {
    const { assigner, allowedLatenessMs } = this.#spec;
    return lastMs(window) + (assigner.domain === "event" ? allowedLatenessMs : 0);
  }

  #isOver(window: Window): boolean {
    if (this.#spec.assigner.domain !== "event") return false;
    // One that never ends is not over when all event time has come.
    return window.endMs < Infinity && this.#forgottenAtMs(window) <= this.watermarkMs;
  }
}

function touches(pane: Window, window: Window): boolean {
  return pane.startMs <= window.endMs && pane.endMs >= window.startMs;
}
