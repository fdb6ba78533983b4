/** What a shell calls the end by Ctrl-C. */
export const EXIT_INTERRUPTED = 130;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The wish of whoever started this program that it ends. */
export interface StopSignal {
  /** Resolves at the first Ctrl-C (or SIGTERM, or the end of the terminal). */
  readonly received: Promise<void>;
  readonly isReceived: boolean;
  /** Gives the signals their usual meaning back. */
  ignore(): void;
}

/**
 * From now on the first such signal is for the caller to act on, and the second ends this process at
 * once; its nodes then see that it is gone, and end too.
 */
export function stopSignal(): StopSignal {
  let isReceived = false;
  let resolve: () => void;
  const received = new Promise<void>((settle) => (resolve = settle));
  const listener = (): void => {
    if (isReceived) process.exit(EXIT_INTERRUPTED);
    isReceived = true;
    resolve();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    received,
    get isReceived() {
      return isReceived;
    },
    ignore: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
