/**
 * Which nodes may lose what they were told is durable. It keeps what the protocol needs recoverable,
 * so that a loss is the program's fault: a replicated log may lose the disks of a minority and no
 * more. The first nodes that are damaged use the allowance up; the others' disks then only do what
 * every correct program must stand (delays, errors, and the loss of what was not durable).
 *
 * After TigerBeetle's `ClusterFaultAtlas`, which does the same sector by sector.
 */
export class FaultAtlas {
  readonly #most: number;
  readonly #damaged = new Set<string>();

  /** `most`: nodes that may be damaged; 0 keeps every disk sound. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Nodes whose durable data was damaged. */
  get damaged(): ReadonlySet<string> {
    return this.#damaged;
  }

  /** Takes the allowance for `node`; false when that would be one too many. */
  mayDamage(node: string): boolean {
    if (!this.#damaged.has(node) && this.#damaged.size >= this.#most) return false;
    this.#damaged.add(node);
    return true;
  }
}
