// The console as a page: hashed files below /admin/assets/, and a page without a script or a style in itself.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/admin/",
  build: {
    target: "es2022",
    // Everything is a file of its own, so that the policy of the page need not allow data: for more than pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
});
