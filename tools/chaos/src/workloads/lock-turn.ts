import { integerBetween, type Random } from "@quorate/runtime";

/** What a client does with a lock once. */
export interface Turn {
  readonly holdMs: number;
  /** Goes on to write although the lock may be lost: as a process does that was paused. */
  readonly isCareless: boolean;
  /** It is cut off from all nodes, for so long. */
  readonly cut: { readonly while: "asking" | "holding"; readonly forMs: number } | undefined;
}

const SHORT_HOLD_MS = { min: 0, max: 400 };
const CUT_SHARE = 0.15;
const CUT_ASKING_SHARE = 0.3;
/** Beyond the time to live of a session, mostly. */
const CUT_MS = { min: 1_500, max: 4_500 };
/** Whoever held the lock in the cut holds it, or thinks so, for so long after it. */
const AFTER_CUT_MS = 300;

export function drawTurn(random: Random): Turn {
  const isCareless = random.next() < 0.5;
  if (random.next() >= CUT_SHARE) {
    const { min, max } = SHORT_HOLD_MS;
    return { holdMs: integerBetween(random, min, max), isCareless, cut: undefined };
  }
  const forMs = integerBetween(random, CUT_MS.min, CUT_MS.max);
  const cut = { while: random.next() < CUT_ASKING_SHARE ? "asking" : "holding", forMs } as const;
  return { holdMs: forMs + AFTER_CUT_MS, isCareless, cut };
}
