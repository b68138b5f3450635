/** The one client through which every page talks to the server. */
import { createMembersClient } from "@grantry/sdk/members"
import { serverUrl } from "../page-facts.ts"

export const server = createMembersClient({ serverUrl, credential: "session" })
