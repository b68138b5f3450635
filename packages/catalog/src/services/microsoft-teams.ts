/** Microsoft Teams: https://learn.microsoft.com/graph/teams-concept-overview */
import { defineConnector } from "../define.ts"
import { microsoft } from "../families/microsoft.ts"

export const microsoftTeams = defineConnector({
  type: "microsoft_teams",
  displayName: "Microsoft Teams",
  category: "communication",
  description: "Read and post chats and channel messages, manage teams.",
  ...microsoft({
    scopes: [
      { scope: "ChannelMessage.Send", meaning: "Post messages in your channels in your name" },
      { scope: "Team.ReadBasic.All", meaning: "See the names of the teams that you are in" },
      { scope: "Channel.ReadBasic.All", meaning: "See the names of the channels of your teams" },
      { scope: "ChannelMessage.Read.All", meaning: "Read the messages in your channels" },
      { scope: "ChatMessage.Send", meaning: "Send messages in your chats in your name" },
      { scope: "Chat.Read", meaning: "Read your one-to-one and group chats" },
      { scope: "Chat.ReadWrite", meaning: "Read your chats and write in them in your name" },
      { scope: "OnlineMeetings.ReadWrite", meaning: "See and create your online meetings" },
      { scope: "TeamMember.Read.All", meaning: "See the members of your teams" },
      { scope: "Presence.Read", meaning: "See whether you are available" },
    ],
    defaultScopes: ["Team.ReadBasic.All", "Channel.ReadBasic.All", "ChannelMessage.Send"],
    defaultTenant: "organizations",
    documentationUrl: "https://learn.microsoft.com/graph/teams-concept-overview",
    pitfalls: [
      "Teams takes work and school accounts only, so the tenant is organizations unless another is given: under common a personal account signs in and then fails on every call.",
      "ChannelMessage.Read.All and TeamMember.Read.All need an administrator's consent.",
      "Under Microsoft's managed consent policy, the default of new tenants, people cannot consent to Chat.Read, Chat.ReadWrite and OnlineMeetings.ReadWrite themselves.",
      "Posting needs the team's id and the channel's id, or the chat's id: start at /me/joinedTeams or /me/chats.",
      "Subscriptions to messages with their contents need a certificate of your own for encryption.",
    ],
  }),
})
