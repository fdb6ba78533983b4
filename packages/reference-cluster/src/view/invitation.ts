import type { OrderRequest } from "../orders/order.ts";

/** The order of the first line to try, and the one that the second reads. */
export const EXAMPLE_ORDER: OrderRequest = {
  merchantId: "ramen-ya",
  customerId: "you",
  district: "Altona",
  items: [{ dish: "Ramen", quantity: 1, priceCents: 1_320 }],
};

/** What to try: to place an order, to read one, to list a merchant's. */
export function invitation(url: string, exampleId: string): string[] {
  const { items, ...rest } = EXAMPLE_ORDER;
  const [first, second] = [JSON.stringify(rest).slice(0, -1), JSON.stringify(items)];
  return [
    `Try it, at ${url}:`,
    `  curl ${url}/orders -H 'content-type: application/json' \\`,
    `    -d '${first},`,
    `        "items":${second}}'`,
    `  curl ${url}/orders/${exampleId}`,
    `  curl '${url}/merchants/${rest.merchantId}/orders?limit=3'`,
  ];
}
