// @ts-check
// Ends a test run with the skipped tests by name and one plain line of numbers. In CI a skipped test is a failure:
// there everything that tests need is installed, so that a test which finds nothing to run on has found a mistake.

export default class TestSummary {
  /** @param {readonly import("vitest/node").TestModule[]} modules @param {readonly import("vitest").SerializedError[]} errors */
  onTestRunEnd(modules, errors) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    /** @type {string[]} */
    const skipped = [];
    for (const module of modules) {
      // A file that could not be read has no tests to count, and failed all the same.
      if (module.state() === "failed" && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed" || result.state === "failed") counts[result.state] += 1;
        else {
          counts.skipped += 1;
          const note = result.state === "skipped" && result.note !== undefined ? `: ${result.note}` : "";
          skipped.push(`  ${module.relativeModuleId} > ${test.fullName}${note}`);
        }
      }
    }
    if (skipped.length > 0) process.stdout.write(`\nSkipped:\n${skipped.join("\n")}\n`);
    if (skipped.length > 0 && isSet(process.env["CI"])) {
      process.stdout.write("With CI set nothing may be skipped: install what these tests ask for.\n");
      process.exitCode = 1;
    }
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}

/** @param {string | undefined} value */
function isSet(value) {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
