import "@mantine/core/styles.css";
import "./look.css";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/index.ts";
import { ConfirmProvider } from "./parts/index.ts";
import { router } from "./router.tsx";
import { theme, variables } from "./theme.ts";

/** The policy of the page allows style elements with this nonce only; scripts can read it, attributes show it to nobody. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
window.__webpack_nonce__ = nonce;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays one; only a server that is away is asked again.
      retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
      staleTime: 2_000,
    },
  },
});

createRoot(document.querySelector("#root")!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={client}>
        <ConfirmProvider>
          <RouterProvider router={router} />
        </ConfirmProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
