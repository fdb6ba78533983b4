import { integerBetween } from "@quorate/runtime";
import { pause } from "../pause.ts";
import { drawVictim, type Fault, type FaultContext, type Heal } from "./fault.ts";

/** About an election timeout of the reference cluster at most: elections come, and do not always. */
const DELAY_MS = { min: 10, max: 200 };
const PULSE_MS = { min: 20, max: 120 };

/** A node that gets the processor in pulses, or whose links are slow in both directions. */
export const slow: Fault = {
  unavailable: async () => undefined,
  inject: async (context) => {
    const isProcessor = process.platform !== "win32" && context.random.next() < 0.5;
    return isProcessor ? slowProcessor(context) : slowLinks(context);
  },
};

async function slowProcessor(context: FaultContext): Promise<Heal> {
  const victim = await drawVictim(context);
  const { random } = context;
  const healed = new AbortController();
  const pulses = async (): Promise<void> => {
    while (!healed.signal.aborted) {
      victim.pause();
      await pause(integerBetween(random, PULSE_MS.min, PULSE_MS.max), healed.signal);
      victim.resume();
      await pause(integerBetween(random, PULSE_MS.min, PULSE_MS.max), healed.signal);
    }
  };
  const running = pulses();
  return async () => {
    healed.abort();
    await running;
  };
}

async function slowLinks(context: FaultContext): Promise<Heal> {
  const { cluster, random } = context;
  const victim = await drawVictim(context);
  const delayMs = integerBetween(random, DELAY_MS.min, DELAY_MS.max);
  const state = { forth: "open", back: "open", delayMs } as const;
  for (const { id } of cluster.nodes) {
    if (id === victim.id) continue;
    cluster.setLink(victim.id, id, state);
    cluster.setLink(id, victim.id, state);
  }
  return async () => cluster.healLinks();
}
