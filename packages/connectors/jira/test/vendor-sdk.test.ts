import { compareWithSdk, protocolOf, scriptedFlow, succeedingCases } from '@mcpclient/testkit'
import type { Fixture } from '@mcpclient/testkit'
import { createCloudClient, exchangeAuthorizationCode, generateAuthorizationUrl, refreshOAuth2Token } from 'jira.js'
import type { CloudClient } from 'jira.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { jira, jiraApiToken } from '../src/index.ts'

const EMAIL = 'ada@marshes.example'
const TOKEN = 'ATATT3x-recorded'

/** The input of a fixture, as far as the calls below take it apart. */
interface Input extends Readonly<Record<string, unknown>> {
  readonly issueIdOrKey: string
  readonly projectIdOrKey: string
  readonly id: string
  readonly accountId: string
  readonly query: string
  readonly issueKey: string
  readonly maxResults: number
  readonly filename: string
  readonly content?: string
  readonly content_base64?: string
  readonly deleteSubtasks?: boolean
  readonly notifyUsers?: boolean
}
type Sent = Readonly<Record<string, never>>
type Call = (sdk: CloudClient, input: Input, body: Sent) => Promise<unknown>

/** Sends the same intent with jira.js. `body` are the values that need no translation: documents, fields and queries. */
const calls: Readonly<Record<string, Call>> = {
  search_issues: (sdk, _input, { jql, fields, maxResults, reconcileIssues }) =>
    sdk.issueSearch.searchAndReconsileIssuesUsingJqlPost({ jql, fields, maxResults, reconcileIssues }),
  count_issues: (sdk, _input, { jql }) => sdk.issueSearch.countIssues({ jql }),
  get_issue_details: (sdk, { issueIdOrKey, fields }) =>
    sdk.issues.getIssue({ issueIdOrKey, fields: (fields ?? DETAILS) as string[] }),
  create_issue: (sdk, _input, { fields }) => sdk.issues.createIssue({ fields }),
  update_issue: (sdk, { issueIdOrKey, notifyUsers }, { fields }) =>
    sdk.issues.editIssue({ issueIdOrKey, fields, ...(notifyUsers !== undefined && { notifyUsers }) }),
  delete_issue: (sdk, { issueIdOrKey, deleteSubtasks }) =>
    sdk.issues.deleteIssue({ issueIdOrKey, deleteSubtasks: deleteSubtasks === true ? 'true' : 'false' }),
  assign_issue: (sdk, { issueIdOrKey, accountId }) => sdk.issues.assignIssue({ issueIdOrKey, accountId }),
  list_transitions: (sdk, { issueIdOrKey }) => sdk.issues.getTransitions({ issueIdOrKey }),
  transition_issue: (sdk, { issueIdOrKey }, { transition, fields, update }) =>
    sdk.issues.doTransition({ issueIdOrKey, transition, fields, update }),
  list_comments: (sdk, { issueIdOrKey, maxResults }) =>
    sdk.issueComments.getComments({ issueIdOrKey, maxResults, orderBy: 'created' }),
  add_comment: (sdk, { issueIdOrKey }, { body, visibility }) =>
    sdk.issueComments.addComment({ issueIdOrKey, body, visibility }),
  update_comment: (sdk, { issueIdOrKey, id }, { body }) =>
    sdk.issueComments.updateComment({ issueIdOrKey, id, body: { body } }),
  delete_comment: (sdk, { issueIdOrKey, id }) => sdk.issueComments.deleteComment({ issueIdOrKey, id }),
  list_worklogs: (sdk, { issueIdOrKey, maxResults }) => sdk.issueWorklogs.getIssueWorklog({ issueIdOrKey, maxResults }),
  add_worklog: (sdk, { issueIdOrKey }, { comment, started, timeSpentSeconds }) =>
    sdk.issueWorklogs.addWorklog({ issueIdOrKey, comment, started, timeSpentSeconds }),
  delete_worklog: (sdk, { issueIdOrKey, id }) => sdk.issueWorklogs.deleteWorklog({ issueIdOrKey, id }),
  add_attachment: (sdk, { issueIdOrKey, filename, content, content_base64 = '' }) =>
    sdk.issueAttachments.addAttachment({
      issueIdOrKey,
      // It guesses the type from the name: the fixtures pass the same.
      attachments: {
        filename,
        content: content === undefined ? Buffer.from(content_base64, 'base64') : Buffer.from(content),
      },
    }),
  download_attachment: (sdk, { id }) => sdk.issueAttachments.getAttachmentContent({ id, redirect: false }),
  delete_attachment: (sdk, { id }) => sdk.issueAttachments.removeAttachment({ id }),
  list_projects: (sdk, { query, maxResults }) => sdk.projects.searchProjects({ query, maxResults, orderBy: 'key' }),
  get_project: (sdk, { projectIdOrKey }) => sdk.projects.getProject({ projectIdOrKey }),
  list_issue_types: (sdk, { projectIdOrKey, maxResults }) =>
    sdk.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey, maxResults }),
  get_myself: (sdk) => sdk.myself.getCurrentUser(),
  search_users: (sdk, { query, maxResults }) => sdk.userSearch.findUsers({ query, maxResults }),
  list_users: (sdk, { maxResults }) => sdk.users.getAllUsers({ maxResults }),
  list_assignable_users: (sdk, { issueKey, query, maxResults }) =>
    sdk.userSearch.findAssignableUsers({ issueKey, query, maxResults }),
}

const cases = succeedingCases<Input>(import.meta.dirname)
const DETAILS = cases.find(([, { tool }]) => tool === 'get_issue_details')?.[1].requests[0]?.['query']?.[
  'fields' as never
] as unknown
/** jira.js has version 3 only, but writes plain text with version 2. It then reads what it wrote with version 3. */
const WRITES_TEXT = new Set(['create_issue', 'add_comment'])
const isComparable = ({ tool, settings }: Fixture<Input>): boolean => settings === undefined || WRITES_TEXT.has(tool)

describe('beside jira.js', () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(jira.tools).toSorted())
  })

  it.each(cases.filter(([, fixture]) => isComparable(fixture)))(
    'sends the same request for %s',
    async (_name, fixture) => {
      const version = fixture.settings === undefined ? '3' : '2'
      const { ours, theirs } = await compareWithSdk(fixture, {
        connector: ({ url }) => {
          const baseUrl = `${url}/rest/api/${version}/`
          return jiraApiToken({ site: 'marshes', email: EMAIL, apiToken: TOKEN, apiVersion: version, baseUrl })
        },
        sdk: ({ url }) => {
          const auth = { type: 'basic', email: EMAIL, apiToken: TOKEN } as const
          const sdk = createCloudClient({ host: url, auth, onSchemaMismatch: 'silent' })
          return calls[fixture.tool]?.(sdk, fixture.input, (fixture.requests[0]?.['json'] ?? {}) as Sent)
        },
        headers: ['authorization', 'x-atlassian-token'],
      })
      expect(ours).toHaveLength(1)
      expect(ours[0]).toEqual(theirs[0])
      expect(theirs).toHaveLength(version === '2' && fixture.tool === 'add_comment' ? 2 : 1)
    },
  )
})

describe('the OAuth requests of jira.js', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  const APP = { clientId: 'app-1', clientSecret: 'secret-1' }
  const ASK = {
    redirectUri: 'https://host.example/callback',
    state: 'state-1',
    scopes: ['read:jira-work', 'offline_access'],
  }
  const TOKENS = {
    access_token: 'eyJ0.2',
    refresh_token: 'rt-2',
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'read:jira-work',
  }

  /** Returns the URL and the JSON body of the only request. */
  async function sentBy(send: () => Promise<unknown>) {
    const seen: { readonly url: string; readonly json: unknown }[] = []
    vi.stubGlobal('fetch', async (url: string, { body }: { readonly body: string }) => {
      seen.push({ url, json: JSON.parse(body) })
      return Response.json(TOKENS)
    })
    await send()
    return seen[0]
  }

  it('are ours, but for PKCE', async () => {
    const { context, transport } = scriptedFlow([{ json: TOKENS }, { json: [] }, { json: TOKENS }], { app: APP })
    const { authorize, redeem, refresh } = await protocolOf(jira.profile.auth)
    const { url, pending } = await authorize(context, ASK)
    const asked = Object.fromEntries(new URL(url).searchParams)
    const { code_challenge, code_challenge_method, ...rest } = asked
    expect([code_challenge, code_challenge_method]).toEqual([expect.any(String), 'S256'])
    const theirs = new URL(generateAuthorizationUrl({ clientId: APP.clientId, ...ASK }))
    expect(rest).toEqual(Object.fromEntries(theirs.searchParams))
    expect(url.split('?')[0]).toBe(theirs.href.split('?')[0])

    await redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c1&state=${ASK.state}`)).catch(() => undefined)
    const { code_verifier, ...exchanged } = Object(transport.requests[0]?.json) as Readonly<Record<string, unknown>>
    expect(code_verifier).toEqual(expect.any(String))
    const redirectUri = ASK.redirectUri
    expect({ url: transport.requests[0]?.url, json: exchanged }).toEqual(
      await sentBy(() => exchangeAuthorizationCode({ ...APP, code: 'c1', redirectUri })),
    )

    await refresh(context, { accessToken: 'eyJ0.1', refreshToken: 'rt-1', issuedAt: 0, scopes: ['read:jira-work'] })
    const { url: at, json } = transport.requests[2] ?? {}
    expect({ url: at, json }).toEqual(await sentBy(() => refreshOAuth2Token({ ...APP, refreshToken: 'rt-1' })))
  })
})
