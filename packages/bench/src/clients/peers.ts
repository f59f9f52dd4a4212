import { loadPeer } from '../../peers/load-peer.ts'
import { TOKEN } from './client.ts'
import type { Listing, OpenClient } from './client.ts'

// The peers are installed by the bench alone, so the compiler does not know them: each type declares the used members.

interface SlackModule {
  readonly WebClient: new (
    token: string,
    options: { readonly slackApiUrl: string },
  ) => { apiCall(method: string, options: object): Promise<unknown> }
}

export const slack: OpenClient = async (base) => {
  const { WebClient } = await loadPeer<SlackModule>('@slack/web-api')
  const client = new WebClient(TOKEN, { slackApiUrl: `${base}/api/` })
  return async () => ((await client.apiCall('conversations.list', { limit: 20 })) as Listing).items
}

interface OpenAiModule {
  readonly OpenAI: new (options: { readonly apiKey: string; readonly baseURL: string }) => {
    get(path: string, options: { readonly query: object }): Promise<unknown>
  }
}

export const openai: OpenClient = async (base) => {
  const { OpenAI } = await loadPeer<OpenAiModule>('openai')
  const client = new OpenAI({ apiKey: TOKEN, baseURL: `${base}/v1` })
  return async () => ((await client.get('/items', { query: { limit: 20 } })) as Listing).items
}

interface OctokitModule {
  readonly Octokit: new (options: { readonly auth: string; readonly baseUrl: string }) => {
    request(route: string, parameters: object): Promise<{ readonly data: unknown }>
  }
}

export const octokit: OpenClient = async (base) => {
  const { Octokit } = await loadPeer<OctokitModule>('@octokit/core')
  const client = new Octokit({ auth: TOKEN, baseUrl: base })
  return async () => ((await client.request('GET /items', { limit: 20 })).data as Listing).items
}

interface AzureModule {
  createPipelineFromOptions(options: object): {
    sendRequest(client: unknown, request: unknown): Promise<{ readonly bodyAsText?: string | null }>
  }
  createDefaultHttpClient(): unknown
  createHttpHeaders(headers: object): unknown
  createPipelineRequest(options: object): unknown
}

export const azure: OpenClient = async (base) => {
  const { createPipelineFromOptions, createDefaultHttpClient, createHttpHeaders, createPipelineRequest } =
    await loadPeer<AzureModule>('@azure/core-rest-pipeline')
  const pipeline = createPipelineFromOptions({})
  const client = createDefaultHttpClient()
  return async () => {
    const headers = createHttpHeaders({ authorization: `Bearer ${TOKEN}` })
    const request = createPipelineRequest({ url: `${base}/items?limit=20`, headers, allowInsecureConnection: true })
    const { bodyAsText } = await pipeline.sendRequest(client, request)
    return (JSON.parse(bodyAsText ?? '') as Listing).items
  }
}

interface GoogleModule {
  readonly google: {
    readonly auth: { readonly OAuth2: new () => { setCredentials(credentials: object): void } }
    calendar(options: object): {
      readonly events: { list(parameters: object): Promise<{ readonly data: { readonly items?: readonly unknown[] } }> }
    }
  }
}

export const googleapis: OpenClient = async (base) => {
  const { google } = await loadPeer<GoogleModule>('googleapis')
  const auth = new google.auth.OAuth2()
  auth.setCredentials({ access_token: TOKEN, expiry_date: Date.now() + 86_400_000 })
  const calendar = google.calendar({ version: 'v3', auth, rootUrl: `${base}/` })
  return async () => {
    const { data } = await calendar.events.list({ calendarId: 'primary', maxResults: 20 })
    return data.items ?? []
  }
}

interface Policy {
  execute<Value>(run: (context: { readonly signal: AbortSignal }) => Promise<Value>): Promise<Value>
}
interface CockatielModule {
  readonly handleAll: unknown
  readonly TimeoutStrategy: { readonly Cooperative: unknown }
  readonly ExponentialBackoff: new () => unknown
  readonly SamplingBreaker: new (options: object) => unknown
  bulkhead(limit: number): Policy
  retry(policy: unknown, options: object): Policy
  circuitBreaker(policy: unknown, options: object): Policy
  timeout(ms: number, strategy: unknown): Policy
  wrap(...policies: readonly Policy[]): Policy
}

export const cockatiel: OpenClient = async (base) => {
  const c = await loadPeer<CockatielModule>('cockatiel')
  const policy = c.wrap(
    c.bulkhead(1000),
    c.retry(c.handleAll, { maxAttempts: 2, backoff: new c.ExponentialBackoff() }),
    c.circuitBreaker(c.handleAll, {
      halfOpenAfter: 10_000,
      breaker: new c.SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
    }),
    c.timeout(30_000, c.TimeoutStrategy.Cooperative),
  )
  const headers = { authorization: `Bearer ${TOKEN}` }
  return () =>
    policy.execute(async ({ signal }) => {
      const response = await fetch(`${base}/items?limit=20`, { headers, signal })
      return ((await response.json()) as Listing).items
    })
}
