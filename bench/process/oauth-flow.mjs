// @ts-check
// What a browser and an app do at an OAuth server, asked over kept connections: codes, refreshes, tokens in one's own name.
import { challenge, form, redirectUri, verifier } from "../fixtures/oauth.mjs";
import { password } from "../fixtures/people.mjs";

/** @param {number} index */
export const emailOf = (index) => `person${index}@example.com`;

/** @typedef {{ id: string, secret: string }} Client */
/** @typedef {ReturnType<typeof import("./ask.mjs").createAsker>["ask"]} Ask */

/** @param {Ask} ask @param {readonly string[]} cookies of sessions, one for each person */
export function createFlows(ask, cookies) {
  let turns = 0;
  const nextPerson = () => (turns += 1) % cookies.length;
  /** @param {Client} client @param {Record<string, string>} headers @returns {Promise<URL>} where it leads */
  async function authorize({ id }, headers) {
    const request = new URLSearchParams({
      response_type: "code",
      client_id: id,
      redirect_uri: redirectUri,
      scope: "openid offline_access",
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    const { status, headers: answered, text } = await ask({ path: `/oauth/authorize?${request.toString()}`, headers });
    if (status !== 303) throw new Error(`The authorization endpoint answered ${status}: ${text}`);
    return new URL(String(answered.location));
  }
  /** @param {Client} client @param {Record<string, string>} fields @returns {Promise<any>} */
  async function token(client, fields) {
    const { status, text } = await ask(form("/oauth/token", fields, client));
    if (status !== 200) throw new Error(`The token endpoint answered ${status}: ${text}`);
    return JSON.parse(text);
  }
  /** @param {Client} client @param {URL} answer */
  const redeem = (client, answer) =>
    token(client, {
      grant_type: "authorization_code",
      code: String(answer.searchParams.get("code")),
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  return {
    /** Two requests, of somebody who is signed in. @param {Client} client */
    known: async (client) => redeem(client, await authorize(client, { Cookie: String(cookies[nextPerson()]) })),
    /** Four: sent to sign in, signing in, back with the new session, and the tokens. @param {Client} client */
    async unknown(client) {
      await authorize(client, {});
      const { status, text, headers } = await ask({ method: "POST", path: "/login", json: { email: emailOf(nextPerson()), password } });
      if (status !== 200) throw new Error(`The sign-in answered ${status}: ${text}`);
      const [own] = String(headers["set-cookie"]?.[0]).split(";");
      return redeem(client, await authorize(client, { Cookie: String(own) }));
    },
    /** @param {Client} client @param {string} refresh_token */
    refresh: (client, refresh_token) => token(client, { grant_type: "refresh_token", refresh_token }),
    /** @param {Client} client */
    own: (client) => token(client, { grant_type: "client_credentials" }),
  };
}
