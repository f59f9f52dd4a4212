/** `@mcpclient/jira`: Jira Cloud, for users who authorize an app, or with the API token of an Atlassian account. */
export { jira, jiraApiToken } from './jira.ts'
export type { JiraApiTokenTypes, JiraTypes } from './jira.ts'
