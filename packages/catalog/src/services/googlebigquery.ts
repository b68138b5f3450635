/** Google BigQuery: https://cloud.google.com/bigquery/docs/authorization */
import { defineConnector } from "../define.ts"
import { google } from "../families/google.ts"

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`

export const googlebigquery = defineConnector({
  type: "googlebigquery",
  displayName: "Google BigQuery",
  category: "data",
  description: "Run SQL on data sets in Google Cloud.",
  ...google({
    scopes: [
      { scope: scope("bigquery"), meaning: "Run queries, and see and change your BigQuery data" },
      {
        scope: scope("bigquery.readonly"),
        meaning: "Read your BigQuery data and run queries that change nothing",
      },
      { scope: scope("bigquery.insertdata"), meaning: "Insert rows into your BigQuery tables" },
      { scope: scope("cloud-platform"), meaning: "See and change everything in your Google Cloud projects" },
      { scope: scope("cloud-platform.read-only"), meaning: "See everything in your Google Cloud projects" },
      {
        scope: scope("devstorage.read_only"),
        meaning: "Read your Cloud Storage files, to load them into tables",
      },
      {
        scope: scope("devstorage.read_write"),
        meaning: "Read and write your Cloud Storage files, to export tables to them",
      },
      { scope: scope("drive.readonly"), meaning: "Read your Drive files, to query tables that live there" },
    ],
    defaultScopes: [scope("bigquery")],
    documentationUrl: "https://cloud.google.com/bigquery/docs/reference/rest",
    pitfalls: [
      "Scopes grant nothing by themselves: the person needs IAM roles in the project, for running jobs as well as for the data.",
      "Every call names a Cloud project, which pays for it: list them at /bigquery/v2/projects.",
      "Where the organisation limits the length of Cloud sessions, refreshes fail after 1 to 24 hours with the subtype invalid_rapt or rapt_required: the person signs in again, and the consent stands.",
      "Tables that live in Drive need a Drive scope as well, or a query on them ends with 403.",
    ],
  }),
  api: {
    baseUrls: [
      "https://bigquery.googleapis.com/bigquery/v2",
      "https://bigquery.googleapis.com/upload/bigquery/v2",
    ],
  },
})
