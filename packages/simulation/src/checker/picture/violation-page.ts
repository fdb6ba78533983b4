import type { Invocation, Operation } from "../../history/operation.ts";
import type { Model } from "../../models/model.ts";
import type { Violation } from "../check-linearizability.ts";
import { describeOperation } from "./describe-operation.ts";
import { drawing } from "./drawing.ts";
import { escapeHtml } from "./escape-html.ts";
import { STYLE } from "./style.ts";

/** More are not drawn: then only the last called, and the page says so. */
const MAX_DRAWN = 500;

/**
 * A violation as a page of HTML: a lane for each client, a bar for each operation, the longest order
 * that works numbered, and in red the operation that has no place. Self-contained: no script, nothing
 * is fetched. Not for very long sub-histories: the last 500 operations are drawn.
 */
export function violationPage<State, Input extends Invocation, Output>(
  violation: Violation<Input, Output>,
  model: Model<State, Input, Output>,
): string {
  const { partition, subHistory, longestOrder, unplaced, operations } = violation;
  const drawn = withUnplaced(subHistory.slice(-MAX_DRAWN), unplaced);
  const places = new Map<Operation, number>(longestOrder.map((each, at) => [each, at + 1]));
  const object = partition === "" ? model.name : `${model.name} ${partition}`;
  const title = escapeHtml(`Not linearizable: ${object}`);
  const left = operations - subHistory.length;
  const undrawn = subHistory.length - drawn.length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>No order explains these results. When <strong>${escapeHtml(unplaced.client)}</strong>’s
<code>${escapeHtml(describeOperation(unplaced))}</code> (✗) returns, all that has returned must have
a place between its call and its return; the longest order that works, numbered, has none for it.</p>
<p class="faint">${count(subHistory.length)} of the ${operations} on this ${escapeHtml(model.name)};
the other ${left} do not matter. ${undrawn > 0 ? `The first ${undrawn} are not drawn.` : ""}
Dashed: running when the contradiction is complete, or of unknown outcome. Widths show the order of
time, not its length.</p>
<div class="drawing">
${drawing(drawn, { places, unplaced })}
</div>
${orderTable(violation, model)}
</body>
</html>
`;
}

function withUnplaced<O>(drawn: readonly O[], unplaced: O): readonly O[] {
  return drawn.includes(unplaced) ? drawn : [unplaced, ...drawn.slice(1)];
}

function count(operations: number): string {
  return operations === 1 ? "One operation" : `${operations} operations`;
}

/** The longest order, with the state behind each step; from its end, what does not fit. */
function orderTable<State, Input extends Invocation, Output>(
  { longestOrder, unplaced }: Violation<Input, Output>,
  model: Model<State, Input, Output>,
): string {
  let state = model.initial;
  const rows = [row("", "", "at first", JSON.stringify(model.stateKey(state)))];
  for (const [at, operation] of longestOrder.entries()) {
    state = model.step(state, operation.input, operation.output) ?? state;
    const after = JSON.stringify(model.stateKey(state));
    rows.push(row(String(at + 1), operation.client, describeOperation(operation), after));
  }
  const wrong = row("✗", unplaced.client, describeOperation(unplaced), "cannot be");
  const skipped = Math.max(0, rows.length - MAX_DRAWN);
  const note = skipped > 0 ? `<p class="faint">The first ${skipped} steps are left out.</p>` : "";
  return `${note}<table>
<tr><th></th><th>client</th><th>operation</th><th>state after it</th></tr>
${rows.slice(skipped).join("\n")}
${wrong.replace("<tr>", '<tr class="wrong">')}
</table>`;
}

function row(...cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}
