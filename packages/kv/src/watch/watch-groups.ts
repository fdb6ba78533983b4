import type { ByteString } from "../byte-string.ts";
import type { Entry } from "../history/entry.ts";
import type { KvStateMachine } from "../kv-state-machine.ts";
import { RangeIndex } from "./range-index.ts";
import { WatchGroup } from "./watch-group.ts";
import { nameOf, type WatchTarget } from "./watch-request.ts";

/** All groups of watches, found by the keys that they are on. */
export class WatchGroups {
  readonly #machine: KvStateMachine;
  readonly #byName = new Map<string, WatchGroup>();
  readonly #byKey = new Map<ByteString, Set<WatchGroup>>();
  readonly #ranges = new RangeIndex<WatchGroup>();

  constructor(machine: KvStateMachine) {
    this.#machine = machine;
  }

  /** The group of a target; whoever is its last member must `leave` it. */
  join(target: WatchTarget): WatchGroup {
    const name = nameOf(target);
    const known = this.#byName.get(name);
    if (known) return known;
    const group = new WatchGroup(target, this.#machine.revision + 1);
    this.#byName.set(name, group);
    if (group.rangeEnd === "") {
      const others = this.#byKey.get(group.key);
      if (others) others.add(group);
      else this.#byKey.set(group.key, new Set([group]));
    } else this.#ranges.add(group);
    return group;
  }

  leave(group: WatchGroup, member: Parameters<WatchGroup["leave"]>[0]): void {
    group.leave(member);
    if (group.members.size > 0) return;
    this.#byName.delete(nameOf(group));
    if (group.rangeEnd !== "") return this.#ranges.delete(group);
    const others = this.#byKey.get(group.key);
    others?.delete(group);
    if (others?.size === 0) this.#byKey.delete(group.key);
  }

  /** What one revision wrote. */
  committed(entries: readonly Entry[]): void {
    if (this.#byName.size === 0) return;
    for (const entry of entries) this.#tell(entry);
  }

  /** The store is another one, at another revision: all look for themselves what they missed. */
  restored(): void {
    for (const group of this.#byName.values()) {
      group.forget(this.#machine.revision + 1);
      group.wake();
    }
  }

  #tell(entry: Entry): void {
    const onKey = this.#byKey.size > 0 ? this.#byKey.get(entry.key) : undefined;
    if (onKey) for (const group of onKey) add(group, entry);
    if (!this.#ranges.isEmpty) this.#ranges.at(entry.key, (group) => add(group, entry));
  }
}

// Who waits is woken with the first change of a revision; messages are not taken from within.
function add(group: WatchGroup, entry: Entry): void {
  if (!group.wantsKindOf(entry)) return;
  group.add(entry);
  group.wake();
}
