import { AppShell, Burger, Center, Group, Loader, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { Link, Outlet, useRouterState } from "@tanstack/react-router"
import { useEffect } from "react"
import { goToSignIn, sessionQuery } from "../server/session.ts"
import { ErrorNotice } from "../show/error-notice.tsx"
import { AccountMenu } from "./account-menu.tsx"
import { ColorSchemeButton } from "./color-scheme-button.tsx"
import mark from "./mark.svg"
import { Navigation } from "./navigation.tsx"
import { useRememberedPlace } from "./remember-place.ts"

/** Around every page: who is signed in, where one is, and the page itself. */
export function Frame() {
  const session = useQuery(sessionQuery)
  useEffect(() => {
    if (session.data === null) goToSignIn()
  }, [session.data])
  if (session.error) return <ErrorNotice error={session.error} />
  if (!session.data)
    return (
      <Center h="60vh">
        <Loader aria-label="Loading" />
      </Center>
    )
  return <SignedIn email={session.data.email} />
}

function SignedIn({ email }: { readonly email: string }) {
  const [isOpen, menu] = useDisclosure(false)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  useRememberedPlace()
  const { close } = menu
  useEffect(() => close(), [path, close])
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 256, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", md: "xl" }}
    >
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <AppShell.Header className="paper" px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Link to="/" style={{ color: "inherit", textDecoration: "none" }}>
              <Group gap={10} wrap="nowrap">
                <img src={mark} alt="" width={28} height={28} />
                <Text fw={700}>Grantry</Text>
              </Group>
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ColorSchemeButton />
            <AccountMenu email={email} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="paper" p="sm" aria-label="Pages">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} style={{ outline: "none" }}>
        <div style={{ maxWidth: 1120, margin: "0 auto" }}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  )
}
