import { describe, expect, test } from "vitest";
import type { MaybePromise, OwnerState } from "../contracts/index.ts";
import { rememberStates } from "./remembered-states.ts";

const active: OwnerState = { state: "active", roles: ["editor"], passwordChangedAt: undefined };

/** States that are looked up in a table, and a feed of which the test is the other node. */
function remembered(answer: (id: string) => MaybePromise<OwnerState> = () => active) {
  const asked: string[] = [];
  const listeners: ((changedId: string | undefined) => void)[] = [];
  const heard = { alive: true };
  const feed = {
    version: 1,
    live: () => heard.alive,
    listen: (listener: (changedId: string | undefined) => void) => void listeners.push(listener),
  };
  const look = (id: string) => {
    asked.push(id);
    return answer(id);
  };
  const stateOf = rememberStates(look, feed, { now: () => 0 });
  const change = (changedId: string | undefined): void => {
    feed.version += 1;
    for (const listener of listeners) listener(changedId);
  };
  return { asked, change, heard, stateOf };
}

describe("the state of a user", () => {
  test("is looked up once, and again after a change of this user and of no other", () => {
    const { asked, change, stateOf } = remembered();
    expect([stateOf("usr_1"), stateOf("usr_1"), stateOf("usr_2")]).toEqual([active, active, active]);
    change("usr_2");
    void stateOf("usr_1");
    expect(asked).toEqual(["usr_1", "usr_2"]);
    change("usr_1");
    void stateOf("usr_1");
    expect(asked).toEqual(["usr_1", "usr_2", "usr_1"]);
  });

  test("is looked up each time while nothing is heard of changes", () => {
    const { asked, heard, stateOf } = remembered();
    void stateOf("usr_1");
    heard.alive = false;
    void stateOf("usr_1");
    heard.alive = true;
    void stateOf("usr_1");
    expect(asked).toEqual(["usr_1", "usr_1"]);
  });

  test.each(["*", undefined])("is looked up again after a change of everything, or changes that were missed (%s)", (changedId) => {
    const { asked, change, stateOf } = remembered();
    void stateOf("usr_1");
    change(changedId);
    void stateOf("usr_1");
    expect(asked).toEqual(["usr_1", "usr_1"]);
  });

  test("is not remembered when something changed while it was being read", async () => {
    let answer = (_state: OwnerState): void => undefined;
    const { asked, change, stateOf } = remembered(() => new Promise((resolve) => (answer = resolve)));
    const first = stateOf("usr_1");
    change("usr_1");
    answer(active);
    await first;
    void stateOf("usr_1");
    expect(asked).toEqual(["usr_1", "usr_1"]);
  });

  test.each([{ state: "disabled" }, { state: "unknown" }] as const)("is not remembered while it is $state", (state) => {
    const { asked, stateOf } = remembered(() => state);
    expect([stateOf("usr_1"), stateOf("usr_1")]).toEqual([state, state]);
    expect(asked).toEqual(["usr_1", "usr_1"]);
  });
});
