/**
 * What records are grouped by. Two keys are one if a `Map` finds one by the other: 0 and -0 are,
 * 1 and "1" are not. A key of several fields is a text of them.
 */
export type Key = string | number | bigint | boolean;

/**
 * The group of a key, 0 to `keyGroups` - 1; the same for ever, on every machine. For strings and
 * 32-bit whole numbers the same as Flink's (`KeyGroupRangeAssignment.assignToKeyGroup`).
 */
export function keyGroup(key: Key, keyGroups: number): number {
  return scrambled(hashOf(key)) % keyGroups;
}

/** Which of `subtasks` (0 up) owns a group; each owns a range, so rescaling moves few. */
export function subtaskOfGroup(group: number, keyGroups: number, subtasks: number): number {
  return Math.floor((group * subtasks) / keyGroups);
}

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/** As Java hashes its strings, integers, doubles and booleans. */
function hashOf(key: Key): number {
  if (typeof key === "string") return hashOfText(key);
  if (typeof key === "bigint") return hashOfText(key.toString());
  if (typeof key === "boolean") return key ? 1231 : 1237;
  if ((key | 0) === key) return key | 0;
  float[0] = key;
  return (halves[0] as number) ^ (halves[1] as number);
}

function hashOfText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** MurmurHash3_x86_32 of the four bytes; its absolute value, as Flink takes it. */
function scrambled(code: number): number {
  let hash = Math.imul(code, 0xcc9e2d51);
  hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  hash = (Math.imul(hash, 5) + 0xe6546b64) ^ 4;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash === -0x8000_0000 ? 0 : Math.abs(hash);
}
