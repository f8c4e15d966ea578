// A JWT that was verified before and one that was not, beside the JWT packages of Fastify, Hono and Express.
import { createServer } from "node:http";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { createAdaptorServer } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { mount } from "latchkey/node";
import { openGate } from "../fixtures/gate.mjs";
import { openRequests, sendLikeWhoami } from "../fixtures/hello.mjs";
import { email, password, serveWhoami } from "../fixtures/people.mjs";

export const part = {
  name: "jwt",
  title: "A JWT",
  about:
    "`GET /whoami` with an ES256 access token: of the server itself with a warm one, and through the node adapter with 1,000 tokens in turn of which " +
    "none is remembered. `crypto.verify` is the bare program with one raw ES256 verification a request: what nobody can go below. The peers answer the " +
    "claims of a token that they verify each time (@fastify/jwt with its cache where it says so).",
};

const bare = "node:http, bare";
const tokens = 1_000;
const hmacSecret = "a secret of the bench and of nobody else";
const claims = { sub: "usr_00000000000000000000000000", iss: "http://localhost:3000", aud: "http://localhost:3000" };

export const subjects = [
  {
    name: "latchkey serve, ES256, warm",
    beside: bare,
    serve: ({ folder }) =>
      serveWhoami(folder, async (auth, subject) => bearer((await auth.tokens.issue({ subject, expiresIn: "6h" })).token)),
  },
  { name: "node adapter, ES256, cold", beside: bare, serve: ({ folder }) => serveCold(folder) },
  { name: "node:http, bare, and crypto.verify", beside: bare, serve: serveRaw },
  { name: "Fastify, @fastify/jwt, HS256", beside: bare, serve: () => serveFastify("HS256", false) },
  { name: "Fastify, @fastify/jwt, ES256", beside: bare, serve: () => serveFastify("ES256", false) },
  { name: "Fastify, @fastify/jwt, ES256, its cache", beside: bare, serve: () => serveFastify("ES256", true) },
  { name: "Hono, hono/jwt, HS256", beside: bare, serve: () => serveHono("HS256") },
  { name: "Hono, hono/jwt, ES256", beside: bare, serve: () => serveHono("ES256") },
  { name: "Express, jsonwebtoken, ES256", beside: bare, serve: serveExpress },
];

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const asked = (...list) => ({
  requests: list.map((token) => ({ path: "/whoami", headers: bearer(token) })),
  unauthenticated: { path: "/whoami" },
});

async function serveCold(folder) {
  const auth = await openGate(folder, { cache: { entries: 1 } });
  const { id } = await auth.users.create({ email, password });
  const list = [];
  while (list.length < tokens) list.push((await auth.tokens.issue({ subject: id, expiresIn: "6h" })).token);
  return { listener: mount(auth), ...asked(...list) };
}

function serveRaw() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const text = Buffer.from("x".repeat(500));
  const signature = sign("sha256", text, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const key = { key: publicKey, dsaEncoding: "ieee-p1363" };
  const listener = (_request, response) => {
    if (verify("sha256", text, key, signature)) sendLikeWhoami(response);
    else response.writeHead(401).end();
  };
  return { listener, requests: openRequests };
}

/** @returns keys as PEM, and as JWK where a package wants those */
function ellipticKeys() {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privatePem: pair.privateKey.export({ type: "pkcs8", format: "pem" }),
    publicPem: pair.publicKey.export({ type: "spki", format: "pem" }),
    privateJwk: { ...pair.privateKey.export({ format: "jwk" }), alg: "ES256" },
    publicJwk: { ...pair.publicKey.export({ format: "jwk" }), alg: "ES256" },
  };
}

async function serveFastify(algorithm, cache) {
  const { default: jwt } = await import("@fastify/jwt");
  const { privatePem, publicPem } = ellipticKeys();
  const app = Fastify();
  await app.register(jwt, {
    secret: algorithm === "HS256" ? hmacSecret : { private: privatePem, public: publicPem },
    sign: { algorithm, expiresIn: "6h" },
    verify: { algorithms: [algorithm], allowedIss: claims.iss, allowedAud: claims.aud, cache },
  });
  app.get("/whoami", { onRequest: (request) => request.jwtVerify() }, (request) => request.user);
  await app.ready();
  return { server: app.server, ...asked(app.jwt.sign(claims)) };
}

async function serveHono(algorithm) {
  const { jwt, sign: signToken } = await import("hono/jwt");
  const { privateJwk, publicJwk } = ellipticKeys();
  const secret = algorithm === "HS256" ? hmacSecret : publicJwk;
  const exp = Math.floor(Date.now() / 1_000) + 6 * 3_600;
  const token = await signToken({ ...claims, exp }, algorithm === "HS256" ? hmacSecret : privateJwk, algorithm);
  const app = new Hono();
  app.use("/whoami", jwt({ secret, alg: algorithm }));
  app.get("/whoami", (context) => context.json(context.get("jwtPayload")));
  return { server: createAdaptorServer({ fetch: app.fetch }), ...asked(token) };
}

async function serveExpress() {
  const { default: jsonwebtoken } = await import("jsonwebtoken");
  const { privatePem, publicPem } = ellipticKeys();
  const token = jsonwebtoken.sign(claims, privatePem, { algorithm: "ES256", expiresIn: "6h" });
  const app = express();
  app.get("/whoami", (request, response) => {
    try {
      const [, presented = ""] = (request.get("authorization") ?? "").split(" ");
      response.json(jsonwebtoken.verify(presented, publicPem, { algorithms: ["ES256"], issuer: claims.iss, audience: claims.aud }));
    } catch {
      response.status(401).end();
    }
  });
  return { server: createServer(app), ...asked(token) };
}
