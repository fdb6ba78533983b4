import { integerBetween, pick, type Random } from "@quorate/runtime";
import { boundedDisorder, createPipeline, type Pipeline, type Sink } from "../src/index.ts";
import type { Source } from "../src/connector.ts";
import type { Branch, Site } from "./branches/branch.ts";
import { drawBranches } from "./branches/draw-branches.ts";
import { drawData, type SimulatedData, type SimulatedEvent } from "./simulated-events.ts";
import type { Line } from "./transactional-log.ts";

/** What a pipeline is built from anew in each life. */
export interface ProgramSite extends Site {
  readonly sources: readonly Source<SimulatedEvent>[];
  readonly sinks: readonly Sink<Line>[];
}

/** A pipeline that is drawn: some branches over some sources into some sinks. */
export class SimulatedProgram {
  readonly data: SimulatedData;
  readonly branches: readonly Branch[];
  /** By branch. */
  readonly sinkOf: readonly number[];
  readonly #everyMs: number;

  constructor(random: Random) {
    this.data = drawData(random.fork("data"));
    this.branches = drawBranches(this.data, random.fork("branches"));
    this.sinkOf = this.branches.map((_, at) => integerBetween(random, 0, Math.min(at, 1)));
    this.#everyMs = pick(random, [1, 1, 7]);
  }

  get sinks(): number {
    return Math.max(...this.sinkOf) + 1;
  }

  /** Records that one event may become in all branches. */
  get mostOfOneEvent(): number {
    return this.branches.reduce((sum, branch) => sum + branch.mostOfOneEvent, 0);
  }

  /** The same graph each time. */
  build(site: ProgramSite): Pipeline {
    const { disorderMs, idleAfterMs } = this.data;
    const pipeline = createPipeline();
    const watermarks = boundedDisorder<SimulatedEvent>(({ atMs }) => atMs, disorderMs, {
      idleAfterMs,
      everyMs: this.#everyMs,
    });
    const sources = site.sources.map((source) =>
      pipeline.from(source, { watermarks }).map((event) => {
        if (site.throws()) throw new Error(`thrown at ${event.id}`);
        return event;
      }),
    );
    const ends = this.branches.map((branch) => branch.build(sources, site));
    site.sinks.forEach((sink, at) => {
      const [first, ...others] = ends.filter((_, branch) => this.sinkOf[branch] === at);
      if (first) (others.length > 0 ? first.union(...others) : first).to(sink, `sink ${at}`);
    });
    return pipeline;
  }

  /** What is wrong with what the sinks committed, if anything is. */
  check(linesOfSinks: readonly (readonly Line[])[], wasRescaled: boolean): string | undefined {
    for (const [at, branch] of this.branches.entries()) {
      const lines = linesOfSinks[this.sinkOf[at] as number] ?? [];
      const wrong = branch.check(
        lines.filter((line) => line.branch === `b${at}`),
        wasRescaled,
      );
      if (wrong) return `${branch.name}: ${wrong}`;
    }
    return undefined;
  }

  describe(): string {
    return this.branches.map(({ name }) => name).join("; ");
  }
}
