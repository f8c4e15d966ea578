/** Header fields by lower-case name, for `fetch`, `app.request`, `inject` and every other client. */
export type Headers = Record<string, string>;

export const apiKeyHeader = (key: string): Headers => ({ "x-api-key": key });

/** RFC 6750 s.2.1. */
export const bearerHeader = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** RFC 7617 s.2, in UTF-8. */
export const basicHeader = (name: string, password: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});
