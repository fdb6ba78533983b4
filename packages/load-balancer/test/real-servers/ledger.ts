import type { HealthEvent } from "../../src/index.ts";

/** When what went wrong with which endpoint, by the wall's clock of the test process. */
export interface Fault {
  readonly name: string;
  readonly endpoint: string;
  readonly fromMs: number;
  untilMs: number;
}

/** Puts faults, the balancer's events and the answers together. */
export class Ledger {
  readonly faults: Fault[] = [];
  readonly #out: { readonly endpoint: string; readonly atMs: number }[] = [];
  readonly #answers: { readonly endpoint: string; readonly atMs: number }[] = [];
  #recovered: (() => void) | undefined;

  event({ type, endpoint }: HealthEvent): void {
    if (type !== "ejected" && type !== "unhealthy") return;
    this.#out.push({ endpoint: endpoint.id, atMs: performance.now() });
  }

  answered(endpoint: string): void {
    this.#answers.push({ endpoint, atMs: performance.now() });
    if (this.#recovered && this.#areAllRecovered()) this.#recovered();
  }

  begin(name: string, endpoint: string): Fault {
    const fault = { name, endpoint, fromMs: performance.now(), untilMs: Infinity };
    this.faults.push(fault);
    return fault;
  }

  /** From the fault to the balancer's taking the endpoint out; NaN when it did not. */
  ejectionMs({ endpoint, fromMs, untilMs }: Fault): number {
    return first(this.#out, endpoint, fromMs, untilMs) - fromMs;
  }

  /** From the fault's end to the endpoint's next answer; NaN when there was none. */
  recoveryMs({ endpoint, untilMs }: Fault): number {
    return first(this.#answers, endpoint, untilMs, Infinity) - untilMs;
  }

  /** Resolves with the answer after which each endpoint has answered again. */
  whenAllRecovered(): Promise<void> {
    return new Promise((resolve) => {
      this.#recovered = resolve;
      if (this.#areAllRecovered()) resolve();
    });
  }

  #areAllRecovered(): boolean {
    return this.faults.every((fault) => this.recoveryMs(fault) >= 0);
  }
}

function first(
  entries: readonly { readonly endpoint: string; readonly atMs: number }[],
  endpoint: string,
  fromMs: number,
  untilMs: number,
): number {
  const found = entries.find(
    (entry) => entry.endpoint === endpoint && entry.atMs >= fromMs && entry.atMs <= untilMs,
  );
  return found?.atMs ?? Number.NaN;
}
