/** Every address of the dashboard and the page behind it; each page is loaded when it is first shown. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router"
import { Frame } from "./shell/frame.tsx"
import { NoSuchPage } from "./shell/no-such-page.tsx"
import { PageFailed } from "./shell/page-failed.tsx"

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NoSuchPage,
  errorComponent: PageFailed,
})
const getParentRoute = () => root

const routes = [
  createRoute({
    getParentRoute,
    path: "/",
    component: lazyRouteComponent(() => import("./pages/home.tsx"), "Home"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws",
    component: lazyRouteComponent(() => import("./pages/apps.tsx"), "Apps"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/connectors",
    component: lazyRouteComponent(() => import("./pages/connectors.tsx"), "Connectors"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/connectors/new",
    component: lazyRouteComponent(() => import("./pages/new-connector.tsx"), "NewConnector"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/connectors/$id",
    component: lazyRouteComponent(() => import("./pages/connector.tsx"), "ConnectorPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/members",
    component: lazyRouteComponent(() => import("./pages/members.tsx"), "Members"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/api-keys",
    component: lazyRouteComponent(() => import("./pages/api-keys.tsx"), "ApiKeys"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/webhooks",
    component: lazyRouteComponent(() => import("./pages/webhooks.tsx"), "Webhooks"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/webhooks/$id",
    component: lazyRouteComponent(() => import("./pages/webhook.tsx"), "WebhookPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/audit",
    component: lazyRouteComponent(() => import("./pages/audit.tsx"), "Audit"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/settings",
    component: lazyRouteComponent(() => import("./pages/workspace-settings.tsx"), "WorkspaceSettings"),
  }),
  createRoute({
    getParentRoute,
    path: "/workspaces/$ws/health",
    component: lazyRouteComponent(() => import("./pages/health.tsx"), "Health"),
  }),
  createRoute({
    getParentRoute,
    path: "/apps/$app/integrations",
    component: lazyRouteComponent(() => import("./pages/integrations.tsx"), "Integrations"),
  }),
  createRoute({
    getParentRoute,
    path: "/apps/$app/integrations/$type",
    component: lazyRouteComponent(() => import("./pages/integration.tsx"), "Integration"),
  }),
  createRoute({
    getParentRoute,
    path: "/apps/$app/users",
    component: lazyRouteComponent(() => import("./pages/app-users.tsx"), "AppUsers"),
  }),
  createRoute({
    getParentRoute,
    path: "/apps/$app/keys",
    component: lazyRouteComponent(() => import("./pages/service-keys.tsx"), "ServiceKeys"),
  }),
  createRoute({
    getParentRoute,
    path: "/apps/$app/settings",
    component: lazyRouteComponent(() => import("./pages/app-settings.tsx"), "AppSettings"),
  }),
  createRoute({
    getParentRoute,
    path: "/account",
    component: lazyRouteComponent(() => import("./pages/account.tsx"), "Account"),
  }),
  createRoute({
    getParentRoute,
    path: "/playground",
    component: lazyRouteComponent(() => import("./pages/playground.tsx"), "Playground"),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: "intent",
  scrollRestoration: true,
})

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router
  }
}
