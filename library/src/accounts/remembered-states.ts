import { after, type ChangeWatch, type Clock, type OwnerState, type OwnerStates } from "../contracts/index.ts";
import { recentlyUsed } from "../primitives/index.ts";

/** About 3 MB when full. */
const mostStates = 10_000;

interface Feed extends Pick<ChangeWatch, "version" | "live"> {
  /** Calls the listener with each changed id; with undefined when some may have been missed. */
  listen(listener: (changedId: string | undefined) => void): void;
}

/**
 * The same states, remembered for as long as nothing is heard of a change: every change of a user names it, on whichever
 * node it was made, and while the feed is alive. A look-up costs a third of a signature, and most tokens and sessions are one of
 * many of their user. Only of users who may act, since those who may not can wait.
 */
export function rememberStates(stateOf: OwnerStates, feed: Feed, clock: Clock): OwnerStates {
  const states = recentlyUsed<OwnerState>(mostStates);
  feed.listen((changedId) => void (changedId === undefined || changedId === "*" ? states.clear() : states.delete(changedId)));
  return (id) => {
    const known = feed.live(clock.now()) ? states.get(id) : undefined;
    if (known !== undefined) return known;
    const sinceVersion = feed.version;
    return after(stateOf(id), (state) => {
      // A change that was heard meanwhile may be newer than what was read.
      if (state.state === "active" && feed.version === sinceVersion) states.set(id, state);
      return state;
    });
  };
}
