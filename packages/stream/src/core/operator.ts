import type { Channel } from "./channel.ts";

/** One input, one output; hands on all but records as they are. */
export abstract class Operator<In, Out> implements Channel<In> {
  protected readonly next: Channel<Out>;

  constructor(next: Channel<Out>) {
    this.next = next;
  }

  abstract record(value: In, timestampMs: number): void;

  watermark(ms: number): void {
    this.next.watermark(ms);
  }

  idle(): void {
    this.next.idle();
  }

  barrier(checkpointId: number): void {
    this.next.barrier(checkpointId);
  }

  end(): void {
    this.next.end();
  }
}
