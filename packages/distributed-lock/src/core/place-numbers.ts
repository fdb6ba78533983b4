/**
 * Numbers for the places of one session in its queues: the smallest that is free, so that whoever uses a
 * lock again and again has the same id each time (on etcd: the key that etcdctl would use).
 */
export class PlaceNumbers {
  readonly #taken = new Map<string, Set<number>>();
  #count = 0;
  #burnt = 0;

  /** Places that are taken; those that were burnt are not among them. */
  get count(): number {
    return this.#count;
  }

  /** Places that were left without knowing whether they had been joined, and are used no more. */
  get burnt(): number {
    return this.#burnt;
  }

  take(queue: string): number {
    const taken = this.#taken.get(queue) ?? new Set();
    this.#taken.set(queue, taken);
    let number = 0;
    while (taken.has(number)) number++;
    taken.add(number);
    this.#count++;
    return number;
  }

  /** Its contender has surely left: the next one may have it. */
  free(queue: string, number: number): void {
    const taken = this.#taken.get(queue)!;
    taken.delete(number);
    if (taken.size === 0) this.#taken.delete(queue);
    this.#count--;
  }

  /** Its contender has left for good. */
  burn(): void {
    this.#count--;
    this.#burnt++;
  }
}
