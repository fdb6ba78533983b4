/** Bytes asked for at once, and about as many told in a batch. */
export const BATCH_BYTES: number = 1_024 * 1_024;
/** A batch of short records is told before its arrays outgrow the bytes. */
export const MAX_BATCH_RECORDS = 65_536;
