// node count.js REPORT STEP... -- FAILED...: prints "N passed, N failed", the tests of vitest's
// report and each STEP counted as one; exits 1 when anything failed. FAILED are the steps that did.
import { existsSync, readFileSync } from "node:fs";

const [report, ...steps] = process.argv.slice(2, process.argv.indexOf("--"));
const failedSteps = process.argv.slice(process.argv.indexOf("--") + 1);

let passed = steps.filter((step) => !failedSteps.includes(step)).length;
let failed = steps.length - passed;
if (existsSync(report)) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  // A file that could not be loaded has no tests to count.
  failed += testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
}
// Such as a build that broke before the first test.
if (failedSteps.length > 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
