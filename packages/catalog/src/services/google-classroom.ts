/** Google Classroom: https://developers.google.com/workspace/classroom/guides/auth */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/classroom.${name}`

export const googleClassroom = defineConnector({
  type: "google_classroom",
  displayName: "Google Classroom",
  category: "people",
  description: "Work with courses, rosters and coursework.",
  ...google({
    scopes: [
      { scope: scope("courses.readonly"), meaning: "See your classes" },
      { scope: scope("courses"), meaning: "See and manage your classes" },
      { scope: scope("rosters.readonly"), meaning: "See the students and teachers of your classes" },
      { scope: scope("rosters"), meaning: "See and manage the students and teachers of your classes" },
      { scope: scope("coursework.me.readonly"), meaning: "See your own coursework and grades" },
      { scope: scope("coursework.me"), meaning: "See and manage your own coursework and grades" },
      {
        scope: scope("coursework.students.readonly"),
        meaning: "See coursework and grades of the classes that you teach",
      },
      {
        scope: scope("coursework.students"),
        meaning: "Manage coursework and grades of the classes that you teach",
      },
      { scope: scope("announcements"), meaning: "See and post announcements in your classes" },
      { scope: scope("courseworkmaterials"), meaning: "Manage the materials of your classes" },
      { scope: scope("topics"), meaning: "See and manage the topics of your classes" },
      { scope: scope("profile.emails"), meaning: "See the email addresses of people in your classes" },
    ],
    defaultScopes: [scope("courses.readonly")],
    documentationUrl: "https://developers.google.com/workspace/classroom",
    pitfalls: [
      "Administrators of Workspace for Education can block apps, and for people under 18 an app may be blocked until an administrator allows it.",
      "Without classroom.profile.emails the email addresses of students are simply absent.",
      "Course ids come from /courses?teacherId=me or ?studentId=me; me stands for the person.",
    ],
  }),
  api: { baseUrls: ["https://classroom.googleapis.com/v1"] },
})
