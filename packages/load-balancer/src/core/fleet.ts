import type { Endpoint } from "../endpoint.ts";

const FIRST_CAPACITY = 16;

/**
 * The endpoints by slot, in columns, so that a scan reads one after the other and a pick allocates
 * nothing. A slot is an endpoint's own until its last request is done; then another may have it. The
 * columns are replaced as the fleet grows: read them anew in each call.
 */
export class Fleet {
  readonly endpoints: (Endpoint | undefined)[] = [];
  /** In force: what slow start leaves of it. 0 in a free slot. */
  weight: Float64Array = new Float64Array(FIRST_CAPACITY);
  inFlight: Int32Array = new Int32Array(FIRST_CAPACITY);
  readonly #free: number[] = [];
  readonly #byId = new Map<string, number>();

  /** All that is in flight, also at endpoints that drain. */
  totalInFlight = 0;

  /** One more than the greatest slot ever in use. */
  get slotLimit(): number {
    return this.endpoints.length;
  }

  /** -1 for an unknown id, or one that is draining. */
  slotOf(id: string): number {
    return this.#byId.get(id) ?? -1;
  }

  add(endpoint: Endpoint): number {
    const slot = this.#free.pop() ?? this.endpoints.length;
    if (slot >= this.weight.length) this.#grow();
    this.endpoints[slot] = endpoint;
    this.weight[slot] = endpoint.weight ?? 1;
    this.inFlight[slot] = 0;
    this.#byId.set(endpoint.id, slot);
    return slot;
  }

  begin(slot: number): void {
    this.inFlight[slot] = (this.inFlight[slot] as number) + 1;
    this.totalInFlight++;
  }

  end(slot: number): void {
    this.inFlight[slot] = (this.inFlight[slot] as number) - 1;
    this.totalInFlight--;
  }

  /** The id may be added again, to another slot, while this one drains. */
  forget(slot: number): void {
    this.#byId.delete((this.endpoints[slot] as Endpoint).id);
  }

  /** The slot is free. Only of one that was forgotten and has nothing in flight. */
  free(slot: number): void {
    this.endpoints[slot] = undefined;
    this.weight[slot] = 0;
    this.#free.push(slot);
  }

  #grow(): void {
    const capacity = this.weight.length * 2;
    const weight = new Float64Array(capacity);
    const inFlight = new Int32Array(capacity);
    weight.set(this.weight);
    inFlight.set(this.inFlight);
    this.weight = weight;
    this.inFlight = inFlight;
  }
}
