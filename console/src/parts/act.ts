import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ask, type Query } from "../api/index.ts";

/** Changes something, after which whatever is shown is fetched again: nothing on a page may be from before. */
export function useAct() {
  const client = useQueryClient();
  return useCallback(
    async <Answer>(method: "POST" | "PUT" | "DELETE", path: string, given: { readonly query?: Query; readonly body?: unknown } = {}) => {
      const answer = await ask<Answer>(method, path, given);
      await client.invalidateQueries();
      return answer;
    },
    [client],
  );
}
