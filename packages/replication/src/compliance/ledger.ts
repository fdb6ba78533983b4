import type { Committed, StateMachine } from "../state-machine.ts";

/** A state machine that shows everything: each command is a line; the result is the line's number. */
export class Ledger implements StateMachine {
  lines: string[] = [];

  apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.map(({ command }) => {
      this.lines.push(new TextDecoder().decode(command));
      return new TextEncoder().encode(String(this.lines.length));
    });
  }

  snapshot(): AsyncIterable<Uint8Array> {
    return once(new TextEncoder().encode(JSON.stringify(this.lines)));
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    this.lines = JSON.parse(text) as string[];
  }
}

async function* once(chunk: Uint8Array): AsyncIterable<Uint8Array> {
  yield chunk;
}
