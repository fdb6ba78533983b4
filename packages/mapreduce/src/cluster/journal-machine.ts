import type { Committed, StateMachine } from "@quorate/replication";
import { decode, encode } from "./json-bytes.ts";

/** What is proposed to the log. */
export type JournalCommand =
  | { readonly kind: "open"; readonly journal: string }
  | {
      readonly kind: "append";
      readonly journal: string;
      readonly epoch: number;
      /** How many records there are before this one: a retry of what is there changes nothing. */
      readonly at: number;
      readonly record: string;
    }
  | { readonly kind: "remove"; readonly journal: string };

export type JournalAnswer =
  | { readonly kind: "done"; readonly epoch: number }
  /** Somebody else has opened the journal since. */
  | { readonly kind: "fenced"; readonly epoch: number };

interface Kept {
  epoch: number;
  readonly records: string[];
}

/** The journals of masters as a replicated state machine: see `ReplicatedJournal`. */
export class JournalMachine implements StateMachine {
  #journals = new Map<string, Kept>();

  apply(entries: readonly Committed[]): Uint8Array[] {
    return entries.map(({ command }) => encode(this.#carryOut(decode(command) as JournalCommand)));
  }

  /** The records of a journal; none when there is none. */
  records(journal: string): readonly string[] {
    return [...(this.#journals.get(journal)?.records ?? [])];
  }

  snapshot(): AsyncIterable<Uint8Array> {
    const chunks = [...this.#journals].map(([name, { epoch, records }]) =>
      new TextEncoder().encode(`${JSON.stringify([name, epoch, records])}\n`),
    );
    return (async function* () {
      yield* chunks;
    })();
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    const journals = new Map<string, Kept>();
    for (const line of text.split("\n").filter((each) => each !== "")) {
      const [name, epoch, records] = JSON.parse(line) as [string, number, string[]];
      journals.set(name, { epoch, records });
    }
    this.#journals = journals;
  }

  #carryOut(command: JournalCommand): JournalAnswer {
    const kept = this.#journals.get(command.journal) ?? { epoch: 0, records: [] };
    if (command.kind === "remove") {
      this.#journals.delete(command.journal);
      return { kind: "done", epoch: kept.epoch };
    }
    if (command.kind === "open") {
      kept.epoch++;
      this.#journals.set(command.journal, kept);
      return { kind: "done", epoch: kept.epoch };
    }
    if (command.epoch !== kept.epoch) return { kind: "fenced", epoch: kept.epoch };
    // Those of one epoch come one after the other, so what is at its place already is itself.
    if (command.at === kept.records.length) kept.records.push(command.record);
    return { kind: "done", epoch: kept.epoch };
  }
}
