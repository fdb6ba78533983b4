/** Which partitions each member works on. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/**
 * Deals partitions out evenly, so that few move when members come and go: each goes to the member
 * with the highest hash of both that has room (rendezvous hashing, Thaler and Ravishankar 1998, with
 * bounded loads). A function of its input, so it needs no memory of what was before.
 */
export function assigned(members: readonly string[], partitions: number): Assignment {
  const least = Math.floor(partitions / members.length);
  /** Members that may have one more. */
  let more = partitions % members.length;
  const assignment = new Map(members.map((member): [string, number[]] => [member, []]));
  for (let partition = 0; partition < partitions; partition++) {
    let best: string | undefined;
    let highest = -1;
    for (const [member, of] of assignment) {
      const score = hashOf(`${member}/${partition}`);
      if (of.length > least || (of.length === least && more === 0)) continue;
      if (score < highest) continue;
      if (score === highest && member > (best ?? "")) continue;
      best = member;
      highest = score;
    }
    const share = assignment.get(best as string) as number[];
    if (share.push(partition) > least) more--;
  }
  return assignment;
}

/** FNV-1a, its bits mixed as MurmurHash3 does at its end: texts that end alike differ everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
