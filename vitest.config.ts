import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@latchkey/source"] } },
  test: {
    include: ["{library,server,examples,tools,bench}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // Two processes at most: the suites start real servers and databases.
    pool: "forks",
    maxWorkers: 2,
    globalSetup: ["library/test/services-setup.ts", "library/test/secrets/search-setup.ts"],
    setupFiles: ["library/test/secrets/record-setup.ts"],
    reporters: ["default", "./tools/test-summary.mjs"],
    // Against what hangs, not against what is slow: on a machine with other work, 500 flows through kills take more than a minute.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What a browser or another process does is waited for, on a busy machine too.
    expect: { poll: { timeout: 20_000 } },
  },
});
