import { Ajv, type ErrorObject } from "ajv";

type Schema = Readonly<Record<string, unknown>>;

/** An id that is part of a key, so without a slash. */
export const ID_SCHEMA: Schema = { type: "string", pattern: "^[A-Za-z0-9._-]{1,64}$" };

const TEXT_SCHEMA: Schema = { type: "string", minLength: 1, maxLength: 128 };

const ITEM_SCHEMA: Schema = {
  type: "object",
  required: ["dish", "quantity", "priceCents"],
  additionalProperties: false,
  properties: {
    dish: TEXT_SCHEMA,
    quantity: { type: "integer", minimum: 1, maximum: 100 },
    priceCents: { type: "integer", minimum: 0, maximum: 1_000_000 },
  },
};

/** Of an `OrderRequest`. */
export const ORDER_REQUEST_SCHEMA: Schema = {
  type: "object",
  required: ["merchantId", "customerId", "district", "items"],
  additionalProperties: false,
  properties: {
    merchantId: ID_SCHEMA,
    customerId: ID_SCHEMA,
    district: TEXT_SCHEMA,
    delivery: { type: "boolean" },
    reference: TEXT_SCHEMA,
    items: { type: "array", minItems: 1, maxItems: 50, items: ITEM_SCHEMA },
  },
};

/** Takes what is sent as it is: nothing is converted, filled in or left out. */
export const ajv: Ajv = new Ajv();

const isOrderRequest = ajv.compile(ORDER_REQUEST_SCHEMA);

/** What is wrong with it as an order, in words; undefined when nothing is. */
export function orderFault(value: unknown): string | undefined {
  return isOrderRequest(value) ? undefined : inWords(isOrderRequest.errors ?? [], "the order");
}

export function inWords(errors: readonly ErrorObject[], subject: string): string {
  const [first] = errors;
  if (!first) return `${subject} is not as it should be`;
  const extra =
    first.keyword === "additionalProperties" ? `: ${first.params["additionalProperty"]}` : "";
  return `${subject}${first.instancePath.replaceAll("/", ".")} ${first.message}${extra}`;
}
