import { type Html, markup } from "./html.ts";

/** What an app asks for, as the API says it. */
export interface AskedFor {
  readonly scopes: readonly { readonly scope: string; readonly words: string }[];
  readonly resources: readonly string[];
  /** How long it lasts, in words. */
  readonly lifetime: string;
}

/** What an app wants, in words, and where: the same for a browser and for a device. What identifies somebody stands first, what lasts last. */
export function askedFor({ scopes, resources, lifetime }: AskedFor): Html {
  const words = scopes.map(({ scope, words: text }) => (text === scope ? markup`<code>${scope}</code>` : markup`${text}`));
  return markup`${words.length === 0 ? markup`<p>It asks for nothing but to know that you are here.</p>` : wanted(words)}
    ${resources.length > 0 && markup`<p class="small">For use at ${resources.map((resource, index) => markup`${index > 0 && ", "}<code>${resource}</code>`)}</p>`}
    <p class="small">${lifetime}</p>`;
}

function wanted(words: readonly Html[]): Html {
  return markup`<p class="asks">It wants to:</p>
    <ul class="asked">
      ${words.map((text) => markup`<li>${text}</li>`)}
    </ul>`;
}
