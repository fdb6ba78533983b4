/** What clients were told of the effects that they asked for, and what is there in the end. */
export interface Effects<Effect> {
  /** Surely done, once each. */
  readonly acknowledged: Iterable<Effect>;
  /** Surely not done. */
  readonly rejected: Iterable<Effect>;
  /** Perhaps done, once at most. */
  readonly unknown: Iterable<Effect>;
  /** What is there, an entry for each time: all rows of a table, all messages that arrived. */
  readonly found: Iterable<Effect>;
}

export interface EffectsReport<Effect> {
  /** Nothing is lost, duplicated or unexpected. */
  readonly ok: boolean;
  /** Acknowledged, and not there. */
  readonly lost: readonly Effect[];
  /** There more than once, each named once. */
  readonly duplicated: readonly Effect[];
  /** There, though rejected, or never asked for. */
  readonly unexpected: readonly Effect[];
  /** How many of the unknown ones turned out to be there. */
  readonly unknownDone: number;
}

/**
 * Whether every effect is there as often as its client was told. Give each effect a name of its own
 * (a string or number; objects are told apart by identity). One that was attempted several times
 * counts as acknowledged if one attempt was, else as unknown if one was. The lists are in the order
 * in which their effects came in.
 */
export function checkEffects<Effect>(effects: Effects<Effect>): EffectsReport<Effect> {
  const acknowledged = new Set(effects.acknowledged);
  const unknown = new Set(effects.unknown);
  const times = new Map<Effect, number>();
  for (const effect of effects.found) times.set(effect, (times.get(effect) ?? 0) + 1);
  const found = [...times.keys()];
  const lost = [...acknowledged].filter((effect) => !times.has(effect));
  const duplicated = found.filter((effect) => (times.get(effect) ?? 0) > 1);
  const unexpected = found.filter((effect) => !acknowledged.has(effect) && !unknown.has(effect));
  const ok = lost.length + duplicated.length + unexpected.length === 0;
  const done = [...unknown].filter((effect) => !acknowledged.has(effect) && times.has(effect));
  return { ok, lost, duplicated, unexpected, unknownDone: done.length };
}
