/** Buffer's own decoders, which take any Uint8Array, with no view made for the call. */
interface Slices {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}
const slices = Buffer.prototype as unknown as Slices;

/** Up to here it pays to look for ASCII, whose decoder is several times faster. */
const SHORT_BYTES = 64;

/** The bytes from `start` to before `end` as text; what is not UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT_BYTES && isAscii(bytes, start, end)) return asciiText(bytes, start, end);
  return slices.utf8Slice.call(bytes, start, end);
}

/** The same for what is known to be ASCII. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return slices.latin1Slice.call(bytes, start, end);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at]! > 0x7f) return false;
  }
  return true;
}
