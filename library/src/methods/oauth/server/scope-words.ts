/** What the scopes of OpenID Connect let a client do, in the words of who gives it. */
const standard: Readonly<Record<string, string>> = {
  openid: "Know who you are, by an identifier",
  profile: "See your name and profile",
  email: "See your email address",
  offline_access: "Keep access when you are not there",
};

/** Words for each scope: those of whoever runs this, else ours, else the scope itself, which at least hides nothing. */
export function createScopeWords(configured: Readonly<Record<string, string>>): (scope: string) => string {
  return (scope) => {
    if (Object.hasOwn(configured, scope)) return configured[scope]!;
    return Object.hasOwn(standard, scope) ? standard[scope]! : scope;
  };
}
