import type { Committed, StateMachine } from "@quorate/replication";

const DONE = new Uint8Array(1);

/** The least that a state machine can do, so that consensus is what is measured. */
export class Counter implements StateMachine {
  applied = 0;

  apply(entries: readonly Committed[]): Uint8Array[] {
    this.applied += entries.length;
    return entries.map(() => DONE);
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    yield new TextEncoder().encode(String(this.applied));
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) this.applied = Number(new TextDecoder().decode(chunk));
  }
}
