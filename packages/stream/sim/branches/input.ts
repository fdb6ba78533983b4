import { integerBetween, pick, type Random, shuffled } from "@quorate/runtime";
import type { DataStream } from "../../src/data-stream.ts";
import type { SimulatedData, SimulatedEvent } from "../simulated-events.ts";

/** Some sources as one stream, through some operators without state. */
export interface Input {
  build(sources: readonly DataStream<SimulatedEvent>[]): DataStream<SimulatedEvent>;
  /** What comes out; those of one split in their order. */
  readonly events: readonly SimulatedEvent[];
}

const MOST_STEPS = 2;
const DIVISORS = [2, 3, 5] as const;
/** What flat maps make of one event at most. */
export const MOST_COPIES: number = Math.max(...DIVISORS.map((one) => one - 1)) ** MOST_STEPS;

type Change = (event: SimulatedEvent) => readonly SimulatedEvent[];

interface Step {
  readonly change: Change;
  build(stream: DataStream<SimulatedEvent>): DataStream<SimulatedEvent>;
}

export function drawInput(
  data: SimulatedData,
  random: Random,
  mostSteps: number = MOST_STEPS,
): Input {
  const count = integerBetween(random, 1, data.sources.length);
  const numbers = shuffled(
    random,
    data.sources.map((_, number) => number),
  ).slice(0, count);
  const steps = Array.from({ length: integerBetween(random, 0, mostSteps) }, () =>
    drawStep(random),
  );
  const read = numbers.flatMap((number) => data.sources[number] ?? []);
  const all = read.flatMap(({ events }) => events);
  return {
    build(sources) {
      const [first, ...others] = numbers.map(
        (number) => sources[number] as DataStream<SimulatedEvent>,
      );
      const one = first as DataStream<SimulatedEvent>;
      const union = others.length > 0 ? one.union(...others) : one;
      return steps.reduce((stream, step) => step.build(stream), union);
    },
    events: steps.reduce<readonly SimulatedEvent[]>(
      (events, { change }) => events.flatMap(change),
      all,
    ),
  };
}

function drawStep(random: Random): Step {
  const divisor = pick(random, DIVISORS);
  return pick<() => Step>(random, [
    () => {
      const map = (event: SimulatedEvent): SimulatedEvent => {
        return { ...event, value: event.value + divisor };
      };
      return { change: (event) => [map(event)], build: (stream) => stream.map(map) };
    },
    () => {
      const accepts = ({ value }: SimulatedEvent): boolean => value % divisor !== 0;
      return {
        change: (event) => (accepts(event) ? [event] : []),
        build: (stream) => stream.filter(accepts),
      };
    },
    () => {
      const copies = (event: SimulatedEvent): SimulatedEvent[] =>
        Array.from({ length: event.value % divisor }, (_, copy) => {
          return { ...event, id: `${event.id}'${copy}` };
        });
      return {
        change: copies,
        build: (stream) =>
          stream.flatMap((event, emit) => {
            for (const copy of copies(event)) emit(copy);
          }),
      };
    },
  ])();
}
