import { expect, test } from 'vitest'
import { slack } from '../src/index.ts'
import { limits } from '../src/limits.ts'

test("every tool has its method's tier, but for the one that Slack counts by channel", () => {
  const named = limits.flatMap(({ tools = [] }) => tools)
  expect(new Set(named).size).toBe(named.length)
  expect([...named, 'send_message'].toSorted()).toEqual(Object.keys(slack.tools).toSorted())
})
