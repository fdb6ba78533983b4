// node count.js REPORT STEP... -- FAILED...: prints "N passed, N failed", the tests of vitest's
// report and each STEP counted as one; exits 1 when anything failed. FAILED are the steps that did.
import { existsSync, readFileSync } from "node:fs";

const [report, ...steps] = process.argv.slice(2, process.argv.indexOf("--"));
const failedSteps = process.argv.slice(process.argv.indexOf("--") + 1);

let [passedTests, failedTests] = [0, 0];
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  passedTests = numPassedTests;
  // A file that could not be loaded has no tests to count.
  const unloaded = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  failedTests = numFailedTests + unloaded.length;
}
// The tests may fail without a failed test, such as by a build that broke before the first one.
// No report means that none ran.
if (failedSteps.includes("test") || !existsSync(report)) failedTests = Math.max(failedTests, 1);

const failedOthers = steps.filter((step) => failedSteps.includes(step)).length;
const passed = passedTests + steps.length - failedOthers;
const failed = failedTests + failedOthers;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
