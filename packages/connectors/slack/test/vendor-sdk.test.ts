import { LogLevel, WebClient } from '@slack/web-api'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const TOKEN = 'xoxb-4417-recorded'

/** The first successful fixture of each tool. */
const cases = [
  ...new Map(
    succeedingCases(import.meta.dirname)
      // The SDK splits an upload in its own way; the emulator test covers it.
      .filter(([, { tool }]) => tool !== 'upload_file')
      .toReversed()
      .map(([, fixture]) => [fixture.tool, fixture]),
  ),
]

describe("beside Slack's own SDK", () => {
  it.each(cases)('%s says the same to Slack', async (_tool, fixture) => {
    const [{ path, form } = {}] = fixture.requests
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => slack({ token: TOKEN, baseUrl: `${url}/api/`, ...fixture.settings }),
      sdk: ({ url }) =>
        new WebClient(TOKEN, {
          slackApiUrl: `${url}/api/`,
          logLevel: LogLevel.ERROR,
          retryConfig: { retries: 0 },
        }).apiCall(String(path), form as Record<string, unknown>),
    })
    expect(ours).toEqual(theirs)
    expect(theirs).toMatchObject([{ method: 'POST' }])
  })
})
