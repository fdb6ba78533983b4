import type { HeldLock } from "../src/index.ts";

type Shown = Pick<HeldLock, "name" | "token" | "role" | "ref" | "alongside">;

/**
 * What resources have accepted, and whether they should have: the rules of `FencedResource`, written down
 * once more over the whole history.
 */
export class AcceptedWrites {
  readonly #byLock = new Map<string, Shown[]>();

  add(write: Shown): void {
    const { name, token, role, ref } = write;
    const before = this.#byLock.get(name) ?? [];
    this.#byLock.set(name, before);
    const newer = before.filter((other) => other.token > token);
    for (const other of newer) {
      if (role === "shared" && other.role === "shared") continue;
      if (name === "s" && other.alongside.includes(ref)) continue;
      if (name === "s" && !isNewest(other, before)) continue;
      throw new Error(`${name} accepted token ${token} (${role}) after ${other.token}`);
    }
    before.push(write);
  }
}

function isNewest({ token }: Shown, writes: readonly Shown[]): boolean {
  return writes.every((other) => other.token <= token);
}
