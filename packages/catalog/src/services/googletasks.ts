/** Google Tasks: https://developers.google.com/workspace/tasks/auth */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googletasks = defineConnector({
  type: "googletasks",
  displayName: "Google Tasks",
  category: "projects",
  description: "Manage to-do lists.",
  ...google({
    scopes: [
      { scope: scope("tasks"), meaning: "See, create, change and delete your tasks and task lists" },
      { scope: scope("tasks.readonly"), meaning: "See your tasks and task lists" },
    ],
    defaultScopes: [scope("tasks")],
    documentationUrl: "https://developers.google.com/workspace/tasks/overview",
    pitfalls: [
      "Due dates keep the day and drop the time.",
      "@default names a person's first task list; the others come from /users/@me/lists.",
    ],
  }),
  api: { baseUrls: ["https://tasks.googleapis.com/tasks/v1"] },
})
