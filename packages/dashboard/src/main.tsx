import "@mantine/core/styles.css"
import "@mantine/notifications/styles.css"
import "./app.css"
import { MantineProvider } from "@mantine/core"
import { Notifications } from "@mantine/notifications"
import { QueryClientProvider } from "@tanstack/react-query"
import { RouterProvider } from "@tanstack/react-router"
import { setNonce } from "get-nonce"
import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { styleNonce } from "./page-facts.ts"
import { queryClient } from "./server/query-client.ts"
import { router } from "./router.tsx"
import { cssVariables, theme } from "./theme.ts"

// For what locks the page's scrolling behind a dialog.
setNonce(styleNonce)

const root = document.getElementById("root")
if (!root) throw new Error("The page has no #root")

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <Notifications position="bottom-right" autoClose={6000} />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
