import type { Operation } from "../../history/operation.ts";

/** An operation in a few words: `write(1)`, `read → 2`, `dequeue → ?` where it never returned. */
export function describeOperation({ input, output, return: returned }: Operation): string {
  const asked = input.value === undefined ? input.op : `${input.op}(${describeValue(input.value)})`;
  if (returned === null) return `${asked} → ?`;
  return output === undefined ? asked : `${asked} → ${describeValue(output)}`;
}

function describeValue(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  const fields = Object.entries(value).map(([name, of]) => `${name} ${JSON.stringify(of)}`);
  return fields.join(", ");
}
