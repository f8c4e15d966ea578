import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ask, type Page, type Query } from "../api/index.ts";

/** A list that comes page by page. `liveMs`: fetched anew that often. */
export function usePages<Item>(
  path: string,
  query: Query = {},
  options: { readonly liveMs?: number | false; readonly enabled?: boolean } = {},
) {
  const found = useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ pageParam }) => ask<Page<Item>>("GET", path, { query: { ...query, after: pageParam } }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    refetchInterval: options.liveMs ?? false,
    enabled: options.enabled ?? true,
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return { ...found, items };
}
