import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { ToolDescription } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import type { AnyTool } from '@mcpclient/core/define'
import { builtRequests } from './built-requests.ts'
import { settingsOf } from './composed-connector.ts'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { Report } from './connector-check.ts'
import { CHECK } from './fixture.ts'
import { isRecord } from './json-form.ts'
import { successes } from './subject.ts'
import type { ContractSubject } from './subject.ts'

/** Shorter descriptions do not explain to an agent when to use the tool. */
const MIN_DESCRIPTION = 15

const HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](?::\d{1,5})?$/
const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])$/
const READING =
  /^(?:search|find|list|get|query|look|lookup|read|fetch|count|check|preview|validate|describe|show|retrieve|ask|run_query|perform_search|export|download|estimate|translate|analyze|summarize|extract|convert|generate|complete|chat|embed|classify|detect|parse|render|compare|resolve)(?:_|$)/
const CHANGING =
  /^(?:send|post|create|add|insert|update|edit|set|put|patch|upsert|write|upload|publish|schedule|move|rename|archive|invite|assign|cancel|close|reply|delete|remove|destroy|purge|revoke)(?:_|$)/

export const manifestChecks = [
  connectorCheck('manifest: every tool is described, and its schemas are JSON Schema', async (subject, report) => {
    const { tools } = subject.factory
    for (const [name, tool] of Object.entries(tools)) examineTool(name, tool, report)
    for (const [name, described] of await describedTools(subject, report)) {
      if (described.inputSchema['type'] !== 'object') {
        report(`${name}: its input is not an object. Agents pass named arguments: use z.object({ ... }).`)
      }
      for (const [field, schema] of Object.entries(propertiesOf(described.inputSchema))) {
        if (isRecord(schema) && Object.keys(schema).length === 0) {
          report(`${name}: JSON Schema cannot express "${field}". Use a schema that it can express, or .describe() it.`)
        }
      }
    }
  }),

  connectorCheck('manifest: every tool has a fixture of a successful call', ({ factory, ...subject }, report) => {
    for (const problem of subject.problems) report(problem)
    const shown = new Set(successes({ factory, ...subject }).map(({ toolName }) => toolName))
    for (const name of Object.keys(factory.tools)) {
      if (shown.has(name)) continue
      report(`${name}: no fixture shows its output. Write fixtures/${name}.json with input, request, response, output.`)
    }
    const checked = subject.recordings.some(({ toolName, tool }) => toolName === CHECK && tool === undefined)
    if (factory.profile.check?.account !== undefined && !checked) {
      report(
        `check: no fixture shows how account() reads the response. Write fixtures/${CHECK}.json with response, output.`,
      )
    }
  }),

  connectorCheck('manifest: the effect of a tool matches its name and its requests', (subject, report) => {
    for (const call of successes(subject)) {
      const { toolName, tool, label } = call
      const methods = new Set(attempt(() => builtRequests(subject, call), []).map(({ method }) => method))
      const changes = [...methods].filter((method) => method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      if (tool.effect === 'read') {
        if (CHANGING.test(toolName)) {
          report(
            `${toolName}: it is named like a write and declared a read, so it would be retried and never approved.`,
          )
        } else if (changes.length > 0) {
          report(`${toolName}: a read that sends ${changes.join(' and ')} (${label}). Declare it 'write' or 'destroy'.`)
        } else if (methods.has('POST') && !READING.test(toolName)) {
          report(
            `${toolName}: a read that sends POST. If it changes nothing, name it so (search_..., list_...); else declare 'write'.`,
          )
        }
      } else if (methods.size > 0 && [...methods].every((method) => method === 'GET' || method === 'HEAD')) {
        report(
          `${toolName}: a ${tool.effect} that only sends GET (${label}). Declare it 'read', or use the method that writes.`,
        )
      }
    }
  }),

  connectorCheck('manifest: addresses, scopes and limits are well formed', (subject, report) => {
    const { profile, tools } = subject.factory
    examineBase(subject, report)
    for (const host of profile.hosts ?? []) {
      if (!HOST.test(host) || /^\*\.[^.]+$/.test(host)) {
        report(`hosts: "${host}" is not a host. Write "files.example.com", or "*.example.com" for every subdomain.`)
      }
    }
    for (const limit of profile.limits ?? []) {
      const numbers = [limit.requests, limit.perMs, limit.burst, limit.concurrent].filter((each) => each !== undefined)
      if (numbers.length === 0 || numbers.some((each) => !(each > 0 && Number.isFinite(each)))) {
        report(`limits: ${JSON.stringify(limit)} limits nothing. Give requests and perMs, or concurrent, all above 0.`)
      }
    }
    for (const [name, tool] of Object.entries(tools)) {
      if ((tool.scopes ?? []).some((scope: unknown) => typeof scope !== 'string' || !/^\S+$/.test(scope))) {
        report(`${name}: a scope is not one word of text. Write each as the provider does, one a list item.`)
      }
    }
  }),

  connectorCheck('manifest: a credential can be verified before it is stored', ({ factory: { profile } }, report) => {
    if (Object.keys(profile.auth.fields).length === 0) return notApplicable('it asks for no credential')
    if (profile.check === undefined) {
      report('check: connect() cannot verify a credential. Declare the cheapest request that proves it.')
    }
    if (!Object.values(profile.auth.fields).some(({ secret }) => secret)) {
      report('auth: no field is marked secret, so all of them may be shown. Mark the one that must not be.')
    }
    return undefined
  }),
]

function examineTool(name: string, tool: AnyTool, report: Report): void {
  if (tool.description.trim().length < MIN_DESCRIPTION) {
    report(
      `${name}: "${tool.description}" is too short for an agent. Describe in a sentence what the tool does and does not do.`,
    )
  }
  for (const [index, { input }] of (tool.examples ?? []).entries()) {
    const parsed = tool.input.safeParse(input)
    if (parsed.success) continue
    const { path = [], message = '' } = parsed.error.issues[0] ?? {}
    report(
      `${name}: example ${index + 1} does not fit its own input schema (${path.join('.') || 'input'}: ${message}).`,
    )
  }
}

/** Describes each tool separately, so that one broken schema does not hide the others. */
async function describedTools(
  subject: ContractSubject,
  report: Report,
): Promise<readonly (readonly [string, ToolDescription])[]> {
  const { factory, options } = subject
  const mcp = createMcpClient({ connectors: { [factory.type]: factory(options as never) }, vault: vault() })
  const client = mcp.client(factory.type, 'contract')
  try {
    const all = await client.listTools()
    return all.map((tool) => [tool.name, tool] as const)
  } catch (error) {
    report(`A schema cannot be turned into JSON Schema: ${error instanceof Error ? error.message : String(error)}`)
    return []
  } finally {
    await mcp.close()
  }
}

const propertiesOf = ({ properties }: ToolDescription['inputSchema']): Readonly<Record<string, unknown>> =>
  isRecord(properties) ? properties : {}

function examineBase(subject: ContractSubject, report: Report): void {
  const { factory, options } = subject
  let base: string
  try {
    base = factory(options as never).baseUrl(settingsOf(subject, undefined))
  } catch (error) {
    const why = ConnectorError.is(error) || error instanceof Error ? error.message : String(error)
    report(`It cannot be composed: ${why} Pass what it needs in the contract's options: { options: { ... } }.`)
    return
  }
  if (!URL.canParse(base)) return report(`baseUrl: "${base}" is not an absolute URL.`)
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(base)
  if (protocol !== 'https:' && !LOCAL.test(hostname)) report(`baseUrl: credentials need https, and this is ${base}`)
  if (!pathname.endsWith('/')) report(`baseUrl: end it with a slash, so that paths are added to it: ${base}/`)
  if (search + hash + username + password !== '') report(`baseUrl: leave out query, fragment and user name: ${base}`)
}

function attempt<Value>(work: () => Value, otherwise: Value): Value {
  try {
    return work()
  } catch {
    // Another check reports it.
    return otherwise
  }
}
