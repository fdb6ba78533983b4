/**
 * The id under which a service places a new order: the gateway draws it, and can so name it to its
 * client even when the service dies before it answers.
 */
export const ORDER_ID_HEADER = "quorate-order-id";
/** Which service gave the answer. */
export const SERVED_BY_HEADER = "quorate-served-by";
