// Who is signed in to this tab. The access token lives in this module's memory and nowhere else: a reload forgets it. The
// refresh token is in an HttpOnly cookie that no script can read and that only /tokens is sent (delivery: "cookie").

let accessToken;
let refreshing;

const post = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Signs in. Answers undefined, or what to tell the person. */
export async function signIn(email, password) {
  const answer = await post("/tokens", { email, password, delivery: "cookie" });
  const body = await answer.json();
  if (!answer.ok) return body.title ?? "That did not work.";
  accessToken = body.access_token;
  return undefined;
}

/** Ends the sign-in of this browser, on the server too. */
export async function signOut() {
  accessToken = undefined;
  await post("/tokens/revoke", {});
}

/**
 * Fetches the next access token; false: nobody is signed in. Once for all who ask in this tab. Two tabs may do it at the same
 * moment: within the grace both get the same successor, so neither is signed out.
 */
export function refresh() {
  refreshing ??= post("/tokens/refresh", {})
    .then(async (answer) => {
      // A server that is down (5xx) says nothing about who is signed in.
      if (answer.status >= 500) throw new Error("The server does not answer. Try again shortly.");
      accessToken = answer.ok ? (await answer.json()).access_token : undefined;
      return answer.ok;
    })
    .finally(() => (refreshing = undefined));
  return refreshing;
}

/** Asks the API. An expired token is renewed once and the question asked again; undefined: nobody is signed in any more. */
export async function ask(path, options = {}) {
  const send = () => fetch(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${accessToken}` } });
  if (accessToken === undefined && !(await refresh())) return undefined;
  const answer = await send();
  if (answer.status !== 401) return answer;
  if (!(await refresh())) return undefined;
  const again = await send();
  return again.status === 401 ? undefined : again;
}
