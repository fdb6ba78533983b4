import type { FromChild, ToChild } from "./child-node.ts";

/** In a child's process: says what it has come to, and waits until the parent lets it go on. */
export function announced(step: string): Promise<void> {
  const goesOn = new Promise<void>((resolve) => {
    const listen = ({ goOn }: ToChild): void => {
      if (goOn !== step) return;
      process.off("message", listen);
      resolve();
    };
    process.on("message", listen);
  });
  tellParent({ step });
  return goesOn;
}

export function tellParent(message: FromChild): void {
  process.send!(message);
}
