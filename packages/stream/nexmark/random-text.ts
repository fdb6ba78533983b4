import type { JavaRandom } from "./java-random.ts";

const SMALL_A = 97;
const SHORTEST = 3;
/** Letters that one 32-bit number gives: 26^6 < 2^31. */
const LETTERS_A_NUMBER = 6;

/** 3 to `longest` - 1 letters, every thirteenth or so `blank` instead; blanks at the ends cut off. */
export function randomText(random: JavaRandom, longest: number, blank = " "): string {
  const codes: number[] = [];
  const length = SHORTEST + random.nextInt(longest - SHORTEST);
  while (codes.length < length) {
    const isBlank = random.nextInt(13) === 0;
    codes.push(isBlank ? blank.charCodeAt(0) : SMALL_A + random.nextInt(26));
  }
  return String.fromCharCode(...codes).trim();
}

/** So many characters that `size` and they are `averageSize` on average, give or take a fifth. */
export function randomExtra(random: JavaRandom, size: number, averageSize: number): string {
  if (size > averageSize) return "";
  const missing = averageSize - size;
  const delta = Math.round(missing * 0.2);
  const length = missing - delta + (delta === 0 ? 0 : random.nextInt(2 * delta));
  const codes: number[] = [];
  let number = 0;
  for (let at = 0; at < length; at++) {
    if (at % LETTERS_A_NUMBER === 0) number = random.nextInt();
    // Of a negative number the remainder is negative: then it is a character below "a".
    codes.push(SMALL_A + (number % 26));
    number = Math.trunc(number / 26);
  }
  return String.fromCharCode(...codes);
}
