/**
 * `@mcpclient/slack`: Slack with a bot or a user token.
 */
export { slack } from './slack.ts'
