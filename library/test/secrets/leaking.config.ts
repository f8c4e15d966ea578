import { defineConfig } from "vitest/config";
import base from "../../../vitest.config.ts";

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["library/test/secrets/leaking-suite.ts"],
    globalSetup: ["library/test/secrets/search-setup.ts"],
    reporters: ["default"],
  },
});
