import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import type { OrderItem, OrderRequest } from "./order.ts";

const MERCHANTS = 40;
const CUSTOMERS = 5_000;
const MAX_DISHES = 4;

const DISTRICTS = ["Altona", "Barmbek", "Eimsbuettel", "Harburg", "Ottensen", "St. Pauli"];

/** Name and price in cents. */
const DISHES: readonly (readonly [string, number])[] = [
  ["Pizza Margherita", 950],
  ["Pizza Funghi", 1_090],
  ["Pad Thai", 1_150],
  ["Green Curry", 1_240],
  ["Falafel Plate", 890],
  ["Lentil Soup", 620],
  ["Sushi Set", 1_680],
  ["Ramen", 1_320],
  ["Burger", 1_050],
  ["Fries", 390],
  ["Mango Lassi", 420],
  ["Tiramisu", 540],
];

/** The first `count` of `generateOrders`. */
export function firstOrders(seed: string | number, count: number): OrderRequest[] {
  const orders = generateOrders(seed);
  return Array.from({ length: count }, () => orders.next().value);
}

/** Food orders without end, plausible, and the same for the same seed. */
export function* generateOrders(seed: string | number): Generator<OrderRequest, never> {
  const random = seededRandom(seed).fork("orders");
  for (;;) {
    yield {
      merchantId: `m${favouring(random, MERCHANTS)}`,
      customerId: `c${integerBetween(random, 1, CUSTOMERS)}`,
      district: pick(random, DISTRICTS),
      items: Array.from({ length: integerBetween(random, 1, MAX_DISHES) }, () => item(random)),
    };
  }
}

function item(random: Random): OrderItem {
  const [dish, priceCents] = pick(random, DISHES);
  return { dish, quantity: integerBetween(random, 1, 3), priceCents };
}

/** From 1 to `count`, the small ones more often: some merchants are better known than others. */
function favouring(random: Random, count: number): number {
  return 1 + Math.floor(count * random.next() ** 2);
}
