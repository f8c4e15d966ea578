const shapes = {
  overview: "M4 13h6V4H4zm0 7h6v-4H4zm10 0h6v-9h-6zm0-16v4h6V4z",
  activity: "M3 12h4l3 8 4-16 3 8h4",
  users: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-6 10v-1a6 6 0 0 1 12 0v1m1-18a4 4 0 0 1 0 8m5 10v-1a6 6 0 0 0-4-5.6",
  key: "M8 20a5 5 0 1 0 0-10 5 5 0 0 0 0 10zm3.5-8.5L20 3m-3 3 3 3",
  session: "M4 5h16v11H4zm4 15h8m-4-4v4",
  signature: "M4 17c3-8 5-11 7-11 3 0-3 11 0 11 2 0 3-4 5-4 1 0 1 3 4 3M4 21h16",
  role: "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z",
  sun: "M12 17a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM12 1v2m0 18v2M4.2 4.2l1.4 1.4m12.8 12.8 1.4 1.4M1 12h2m18 0h2M4.2 19.8l1.4-1.4M18.4 5.6l1.4-1.4",
  moon: "M21 13A9 9 0 1 1 11 3a7 7 0 0 0 10 10z",
  out: "M14 4h5v16h-5M4 12h10m-4-4 4 4-4 4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 5 5",
  plus: "M12 5v14M5 12h14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M4 12l6 6L20 6",
  warning: "M12 4 2 20h20zm0 6v4m0 3v.1",
  empty: "M3 13l3-8h12l3 8v6H3zm0 0h5l1 3h6l1-3h5",
  link: "M9 15l6-6M10 6l2-2a5 5 0 0 1 7 7l-2 2m-3 5-2 2a5 5 0 0 1-7-7l2-2",
} as const;

export type IconName = keyof typeof shapes;

/** A drawing beside words that say the same: never read aloud. */
export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
