/** Of a `ReviewRequest`. */
export const REVIEW_REQUEST_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  required: ["stars", "text"],
  additionalProperties: false,
  properties: {
    stars: { type: "integer", minimum: 1, maximum: 5 },
    text: { type: "string", maxLength: 1_000 },
  },
};
