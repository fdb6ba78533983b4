import type { Random } from "@quorate/runtime";
import { priorityLoads } from "./priority-loads.ts";
import type { Chooser, Policy } from "./policy.ts";

/** How requests are shared among priorities and zones. */
export interface LaneOptions {
  /** Healthy endpoints are taken to bear so many times their part, from 1. @default 1.4 */
  readonly overprovisioningFactor?: number;
  /** Below so many percent healthy, health is ignored; 0 is never. @default 50 */
  readonly panicThresholdPercent?: number;
  /** This client's own zone: its endpoints are preferred as far as they are healthy. */
  readonly localZone?: string;
}

/** An endpoint that may be a candidate. */
export interface LaneMember {
  readonly slot: number;
  readonly priority: number;
  readonly zone: string | undefined;
  readonly healthy: boolean;
  /** Whether it may be used in panic: not with an open circuit. */
  readonly usable: boolean;
}

interface Lane {
  readonly chooser: Chooser;
  readonly slots: Int32Array;
  /** The shares of this lane and those before it, 0 to 1. */
  readonly upTo: number;
}

/** Priorities and zones with their choosers; a new set of lanes with each change of health. */
export class Lanes {
  readonly #policy: Policy;
  readonly #random: Random;
  readonly #options: LaneOptions;
  readonly #choosers = new Map<string, Chooser>();
  #lanes: readonly Lane[] = [];
  panic = false;

  constructor(policy: Policy, random: Random, options: LaneOptions) {
    this.#policy = policy;
    this.#random = random;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#lanes.length === 0;
  }

  /** Only when not empty. */
  choose(): Chooser {
    const lanes = this.#lanes;
    if (lanes.length === 1) return (lanes[0] as Lane).chooser;
    const uniform = this.#random.next();
    for (const lane of lanes) if (uniform < lane.upTo) return lane.chooser;
    return (lanes.at(-1) as Lane).chooser;
  }

  /** All candidates, lane by lane. */
  *slots(): Generator<number> {
    for (const lane of this.#lanes) yield* lane.slots;
  }

  rebuild(members: readonly LaneMember[]): void {
    const { overprovisioningFactor = 1.4, panicThresholdPercent = 50 } = this.#options;
    const priorities = [...new Set(members.map(({ priority }) => priority))].sort((a, b) => a - b);
    const groups = priorities.map((priority) => members.filter((m) => m.priority === priority));
    const health = groups.map((group) => ({
      healthy: group.filter((member) => member.healthy).length,
      total: group.length,
    }));
    const loads = priorityLoads(health, overprovisioningFactor, panicThresholdPercent);
    this.panic = loads.some(({ panic, percent }) => panic && percent > 0);
    const lanes: { readonly name: string; readonly slots: number[]; readonly share: number }[] = [];
    for (const [at, { percent, panic }] of loads.entries()) {
      const group = groups[at] as readonly LaneMember[];
      const candidates = group.filter((member) => (panic ? member.usable : member.healthy));
      for (const { name, slots, share } of this.#byZone(group, candidates, panic)) {
        const whole = (share * percent) / 100;
        if (slots.length > 0 && whole > 0) {
          lanes.push({ name: `${priorities[at]}/${name}`, slots, share: whole });
        }
      }
    }
    this.#set(lanes);
  }

  /** Local first, as priorities share: all as long as factor × healthy / total is 1 or more. */
  #byZone(
    group: readonly LaneMember[],
    candidates: readonly LaneMember[],
    panic: boolean,
  ): readonly { readonly name: string; readonly slots: number[]; readonly share: number }[] {
    const { localZone, overprovisioningFactor = 1.4 } = this.#options;
    const slotsOf = (members: readonly LaneMember[]): number[] => members.map(({ slot }) => slot);
    const local = candidates.filter(({ zone }) => localZone !== undefined && zone === localZone);
    const others = candidates.filter((member) => !local.includes(member));
    if (panic || local.length === 0 || others.length === 0) {
      return [{ name: "all", slots: slotsOf(candidates), share: 1 }];
    }
    const total = group.filter(({ zone }) => zone === localZone).length;
    const share = Math.min(1, (overprovisioningFactor * local.length) / total);
    return [
      { name: "local", slots: slotsOf(local), share },
      { name: "others", slots: slotsOf(others), share: 1 - share },
    ];
  }

  /** A priority or zone that was there before keeps its chooser, and so its place in the sequence. */
  #set(
    lanes: readonly { readonly name: string; readonly slots: number[]; readonly share: number }[],
  ): void {
    const total = lanes.reduce((sum, { share }) => sum + share, 0);
    let upTo = 0;
    this.#lanes = lanes.map(({ name, slots, share }) => {
      let chooser = this.#choosers.get(name);
      if (chooser === undefined) this.#choosers.set(name, (chooser = this.#policy.chooser()));
      const array = Int32Array.from(slots);
      chooser.update({ slots: array, count: array.length });
      upTo += share / total;
      return { chooser, slots: array, upTo };
    });
  }
}
