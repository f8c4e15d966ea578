import { type Endpoint } from "../../../../contracts/index.ts";
import { actedBy, emptyAnswer, jsonAnswer } from "../../../../http/index.ts";
import { instantText } from "../../../../primitives/index.ts";
import type { Grants } from "../authorization/index.ts";
import type { ClientSource } from "../clients/index.ts";
import { oauthRefusals } from "../refusals.ts";

export interface ConsentParts {
  readonly grants: Pick<Grants, "list" | "withdraw">;
  readonly clients: ClientSource;
  readonly wordsFor: (scope: string) => string;
}

const ownRule = { methods: ["session"] } as const;

/** `/consents`: the apps that the person who is signed in let in, and taking that back. */
export function consentEndpoints({ grants, clients, wordsFor }: ConsentParts): readonly Endpoint[] {
  return [
    {
      method: "GET",
      path: "/consents",
      rule: ownRule,
      async handle({ principal }) {
        const list = await grants.list(principal.subject);
        const consents = await Promise.all(
          list.map(async ({ id, clientId, scopes, resources, updatedAt }) => ({
            id,
            client: { id: clientId, name: (await clients.find(clientId))?.name ?? null },
            scopes: scopes.map((scope) => ({ scope, words: wordsFor(scope) })),
            resources,
            givenAt: instantText(updatedAt),
          })),
        );
        // A client that is gone can do nothing any more.
        return jsonAnswer(200, { consents: consents.filter(({ client }) => client.name !== null) });
      },
    },
    {
      method: "DELETE",
      path: "/consents/:id",
      rule: ownRule,
      async handle(exchange) {
        const done = await grants.withdraw(exchange.principal.subject, exchange.parameters.id!, actedBy(exchange));
        return done ? emptyAnswer() : oauthRefusals["not-found"]();
      },
    },
  ];
}
