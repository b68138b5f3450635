/** Calls of the services' own APIs, as an app makes them. */
export const calendarList = "https://www.googleapis.com/calendar/v3/users/me/calendarList"
export const slackChannels = "https://slack.com/api/conversations.list"
export const outlookMe = "https://graph.microsoft.com/v1.0/me"
