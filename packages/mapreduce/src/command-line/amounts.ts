import bytes from "bytes";
import { InvalidArgumentError } from "commander";

/** "512mb", "1gb", "4096": a number of bytes; units are powers of 1,024. */
export function byteCount(text: string): number {
  const isAmount = /^\d+(\.\d+)?\s*([kmgt]?b)?$/i.test(text.trim());
  const count = isAmount ? bytes.parse(text.trim()) : null;
  if (count !== null && count >= 1) return Math.floor(count);
  throw new InvalidArgumentError("It must be an amount such as 512mb or 1gb.");
}

export function positive(text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

/** "1.5 GB". */
export function inBytes(count: number): string {
  return bytes.format(Math.round(count), { unitSeparator: " ", decimalPlaces: 1 }) ?? "";
}

/** "1,234,567". */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** "12.3 s", "2 min 5 s". */
export function inSeconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
