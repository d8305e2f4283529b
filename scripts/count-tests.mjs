// count-tests.mjs REPORT…: sums up vitest's JSON reports. The last line is `N passed, N failed`.
// Exit code 1 when a test failed, a report is missing or empty, or vitest itself says that the run did not succeed.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

let passed = 0;
let failed = 0;
let sound = true;
for (const file of process.argv.slice(2)) {
  const name = basename(file, '.json');
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    const skipped = report.numPendingTests + report.numTodoTests;
    console.log(
      `${name}: ${report.numPassedTests} passed, ${report.numFailedTests} failed${skipped ? `, ${skipped} skipped` : ''}`,
    );
    for (const suite of report.testResults) {
      if (suite.status === 'failed' && !suite.assertionResults.some(({ status }) => status === 'failed')) {
        failed++; // a file that cannot be loaded, or whose hook failed, has no failed test of its own
        console.log(`${name}: failed: ${suite.name}: ${suite.message}`);
      }
      for (const { status, fullName } of suite.assertionResults)
        if (status === 'failed') console.log(`${name}: failed: ${fullName}`);
    }
    if (report.numPassedTests === 0 || !report.success) sound = false;
  } catch (error) {
    sound = false;
    console.log(`${name}: no report: ${error.message}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = sound && failed === 0 && passed > 0 ? 0 : 1;
