const WIDTH = 40;

export function progressBar(label: string, done: number, of: number): string {
  const filled = Math.floor((WIDTH * done) / of);
  const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
  return `${label} ${bar} ${done.toLocaleString("en")} of ${of.toLocaleString("en")}`;
}
