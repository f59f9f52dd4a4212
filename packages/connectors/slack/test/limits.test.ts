import { expect, it } from 'vitest'
import { slack } from '../src/index.ts'

it("has its method's tier for every tool but the one that Slack counts by channel", () => {
  const unlimited = Object.entries(slack.tools).filter(([, { limit }]) => limit === undefined)
  expect(unlimited.map(([name]) => name)).toEqual(['send_message'])
})
