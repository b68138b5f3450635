import type { Services } from "../services.ts"

/** What the steps after the callback work with. */
export type CompleteDependencies = Pick<
  Services,
  "config" | "catalog" | "clock" | "storage" | "vault" | "protocol" | "clients" | "audit" | "log"
>
