import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ask, type Query } from "../api/index.ts";

/**
 * Changes something, after which whatever is shown is fetched again: nothing on a page may be from before. Also after a
 * refusal, since somebody else may have been faster. The answer waits for none of that: it may hold what is told once.
 */
export function useAct() {
  const client = useQueryClient();
  return useCallback(
    async <Answer>(method: "POST" | "PUT" | "DELETE", path: string, given: { readonly query?: Query; readonly body?: unknown } = {}) => {
      try {
        return await ask<Answer>(method, path, given);
      } finally {
        void client.invalidateQueries();
      }
    },
    [client],
  );
}
