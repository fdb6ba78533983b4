import type { Blockers, Contender, Role } from "../store/coordination-store.ts";

/** Of contenders in their order, from the first: which of them hold, by what each role waits for. */
export function whoHolds(
  contenders: readonly Contender[],
  blockersOf: (role: Role) => Blockers,
): readonly boolean[] {
  let exclusive = 0;
  return contenders.map(({ role }, at) => {
    const { roles, limit } = blockersOf(role);
    const holds = (roles === "any" ? at : exclusive) < limit;
    if (role === "exclusive") exclusive++;
    return holds;
  });
}
