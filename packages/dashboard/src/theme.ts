import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core"

const indigo: MantineColorsTuple = [
  "#eef2ff",
  "#dce4fb",
  "#b6c5f3",
  "#8da4ec",
  "#6b88e6",
  "#5676e3",
  "#3b5bdb",
  "#3450c4",
  "#2b46b0",
  "#1f3a9c",
]

export const theme = createTheme({
  primaryColor: "grantry",
  primaryShade: 6,
  colors: { grantry: indigo },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.6rem" }, h2: { fontSize: "1.15rem" } } },
  components: {
    Card: { defaultProps: { withBorder: true, padding: "lg" } },
    Modal: {
      defaultProps: {
        centered: true,
        radius: "lg",
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        closeButtonProps: { "aria-label": "Dismiss" },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    Badge: { defaultProps: { tt: "none" } },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Anchor: { defaultProps: { underline: "hover" } },
  },
})

/** Mantine's own shades here are too faint for small text (WCAG 2.2 AA: 4.5 : 1). */
const onLight: Readonly<Record<string, string>> = {
  teal: "#05603f",
  green: "#1c6230",
  lime: "#3a5f06",
  yellow: "#7a4100",
  orange: "#8f2f00",
}

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a6270",
    "--mantine-color-placeholder": "#6b7380",
    ...Object.fromEntries(
      Object.entries(onLight).map(([name, shade]) => [`--mantine-color-${name}-light-color`, shade]),
    ),
  },
  dark: { "--mantine-color-dimmed": "#a7afbc", "--mantine-color-placeholder": "#949cab" },
})
