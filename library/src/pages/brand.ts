import { OptionFault } from "../contracts/index.ts";

/** What the pages show of whoever runs them. */
export interface PageOptions {
  /** Stands at the top of every page. Default: the host of the issuer. */
  readonly name?: string;
  /** URL of a picture, https or a path of this origin; shown 40 pixels high beside the name. */
  readonly logo?: string;
  /** Of buttons and links: `"#0b6a58"`. It must be readable on white; for dark pages it is lightened as far as needed. */
  readonly color?: string;
}

export interface Brand {
  readonly name: string;
  readonly logo: string | undefined;
  /** Accent on light and on dark pages, and the text on each. */
  readonly light: { readonly accent: string; readonly onAccent: string };
  readonly dark: { readonly accent: string; readonly onAccent: string };
}

type Color = readonly [number, number, number];

const white: Color = [255, 255, 255];
const black: Color = [0, 0, 0];
/** Background of dark cards, the lighter of the dark grounds: what holds here holds on the darker one too. */
const darkGround: Color = [32, 36, 41];
/** WCAG 2.2 s.1.4.3, with a little to spare for the grounds that are not quite white. */
const readable = 4.8;

/** Checks the options. Throws an OptionFault that names the one that cannot be used. */
export function readBrand(options: PageOptions, issuer: string): Brand {
  const name = options.name ?? new URL(issuer).host;
  if (typeof name !== "string" || name.length === 0 || name.length > 60 || /\p{Cc}/u.test(name)) {
    throw new OptionFault("pages.name", { got: name, allowed: "1 to 60 characters without control characters", example: '"Example"' });
  }
  const text = options.color ?? "#0b6a58";
  const color = parseColor(text);
  if (color === undefined) throw new OptionFault("pages.color", { got: text, allowed: "six hexadecimal digits", example: '"#0b6a58"' });
  const ratio = contrast(color, white);
  if (ratio < readable) {
    const allowed = `a colour with a contrast of at least ${readable}:1 on white (this one has ${ratio.toFixed(1)}:1)`;
    throw new OptionFault("pages.color", { got: text, allowed, example: '"#0b6a58"' });
  }
  const onDark = lighten(color);
  return {
    name,
    logo: checkLogo(options.logo),
    light: { accent: written(color), onAccent: written(textOn(color)) },
    dark: { accent: written(onDark), onAccent: written(textOn(onDark)) },
  };
}

function checkLogo(logo: string | undefined): string | undefined {
  if (logo === undefined) return undefined;
  const path = typeof logo === "string" && /^\/(?![/\\])[\w./~%-]*$/.test(logo);
  const url =
    typeof logo === "string" && URL.canParse(logo) && new URL(logo).protocol === "https:" && /^[!#-~]+$/.test(logo) && !/[;,']/.test(logo);
  if (!path && !url) throw new OptionFault("pages.logo", { got: logo, allowed: "an https URL or a path", example: '"/logo.svg"' });
  return logo;
}

function parseColor(text: string): Color | undefined {
  const match = typeof text === "string" ? /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text) : null;
  return match === null ? undefined : [parseInt(match[1]!, 16), parseInt(match[2]!, 16), parseInt(match[3]!, 16)];
}

function written(color: Color): string {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Mixed with white until it can be read on a dark ground. */
function lighten(color: Color): Color {
  let mixed = color;
  for (let share = 0; contrast(mixed, darkGround) < readable && share < 1; share += 0.02) {
    mixed = color.map((part) => Math.round(part + (255 - part) * share)) as unknown as Color;
  }
  return mixed;
}

function textOn(color: Color): Color {
  return contrast(color, white) >= contrast(color, black) ? white : black;
}

/** Contrast ratio of WCAG 2.2, 1 to 21. */
export function contrast(one: Color, other: Color): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((left, right) => left - right) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: Color): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
