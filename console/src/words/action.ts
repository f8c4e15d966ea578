const actions: Readonly<Record<string, string>> = {
  "admin.invited": "Link for the first administrator made",
  "api-key.created": "API key made",
  "api-key.imported": "API key imported",
  "api-key.rotated": "API key rotated",
  "api-key.revoked": "API key revoked",
  "password.changed": "Password changed",
  "request.refused": "Request refused",
  "session.created": "Signed in",
  "session.ended": "Session ended",
  "session.renewed": "Session renewed",
  "sign-in.refused": "Sign-in refused",
  "sign-in.succeeded": "Signed in by Basic",
};

/** A kind of event for people. One that is new here is made readable from its name. */
export function actionText(action: string): string {
  const known = actions[action];
  if (known !== undefined) return known;
  const [noun = "", verb = ""] = action.split(".");
  const text = `${noun} ${verb}`.replaceAll("-", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
