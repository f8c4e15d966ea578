const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const steps = [
  ["second", 1_000, 60_000],
  ["minute", 60_000, 3_600_000],
  ["hour", 3_600_000, 86_400_000],
  ["day", 86_400_000, 30 * 86_400_000],
  ["month", 30 * 86_400_000, 365 * 86_400_000],
  ["year", 365 * 86_400_000, Infinity],
] as const;

/** Of the machine that shows the page. */
export const now = (): number => Date.now();

/** `3 minutes ago`, `in 2 days`. */
export function ago(instant: string): string {
  const span = Date.parse(instant) - now();
  const [unit, length] = steps.find(([, , end]) => Math.abs(span) < end) ?? steps[0];
  return relative.format(Math.trunc(span / length), unit);
}

const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

export function exactly(instant: string): string {
  return exact.format(new Date(instant));
}

/** A browser by its user agent, roughly: people know their devices by these two words. */
export function deviceOf(userAgent: string | null): string {
  if (userAgent === null || userAgent === "") return "Unknown device";
  const browser = [
    ["Edg/", "Edge"],
    ["Firefox/", "Firefox"],
    ["Chrome/", "Chrome"],
    ["Safari/", "Safari"],
    ["curl/", "curl"],
  ].find(([mark]) => userAgent.includes(mark!))?.[1];
  const system = [
    ["Android", "Android"],
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Windows", "Windows"],
    ["Mac OS", "macOS"],
    ["Linux", "Linux"],
  ].find(([mark]) => userAgent.includes(mark!))?.[1];
  if (browser === undefined) return userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser} on ${system}`;
}
