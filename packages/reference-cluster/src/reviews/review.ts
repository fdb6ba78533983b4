/** What a customer thinks of an order. */
export interface ReviewRequest {
  /** 1 to 5. */
  readonly stars: number;
  readonly text: string;
}

/** A review as it is stored: of the order, and so of its merchant. */
export interface Review extends ReviewRequest {
  readonly orderId: string;
  readonly merchantId: string;
}

/**
 * How reviewing an order ended.
 *
 * - `reviewed`: this is its review now, whatever it was before.
 * - `no-order`: there is none of that id.
 * - `rejected`: it was not, and will not be.
 * - `unknown`: it may be, or come to be.
 */
export type Reviewed =
  | { readonly kind: "reviewed"; readonly review: Review }
  | { readonly kind: "no-order" }
  | { readonly kind: "rejected" | "unknown"; readonly reason: string };
