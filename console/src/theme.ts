import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/** The green of the pages for people. */
const key: MantineColorsTuple = [
  "#e8f7f3",
  "#d3ece5",
  "#a5d9cb",
  "#74c5b0",
  "#4db49a",
  "#35aa8c",
  "#259f80",
  "#157f66",
  "#0b6a58",
  "#045243",
];

export const theme = createTheme({
  primaryColor: "key",
  primaryShade: { light: 8, dark: 7 },
  colors: { key },
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  headings: { fontWeight: "650" },
  focusRing: "auto",
  cursorType: "pointer",
});

/** Grey words are readable on the grey ground too (WCAG 2.2 s.1.4.3). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: { "--mantine-color-dimmed": "#586068" },
  dark: { "--mantine-color-dimmed": "#a9b1b8" },
});
