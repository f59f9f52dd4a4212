import type { Limit } from '@mcpclient/core/define'

const perMinute = (requests: number): Limit => ({ requests, perMs: 60_000 })

/**
 * Slack's rate limit tiers, counted for each method, app and workspace. A tier is a floor ("20+ per minute"), so a full
 * minute's worth may come at once. chat.postMessage has no tier: about one message a second in each channel, which the
 * runtime learns from Slack's 429. So are the lower limits of apps that are distributed outside of Slack's Marketplace.
 *
 * Source: https://docs.slack.dev/apis/web-api/rate-limits and the page of each method.
 */
export const tier2: Limit = perMinute(20)
export const tier3: Limit = perMinute(50)
export const tier4: Limit = perMinute(100)
