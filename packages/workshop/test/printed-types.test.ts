import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root } from '../src/tree.ts'

/** Compiling a host's whole program takes long on a busy machine. */
const COMPILE_TIMEOUT_MS = 180_000

const hostOptions = (): ts.CompilerOptions =>
  ts.getParsedCommandLineOfConfigFile(
    join(root, 'packages/workshop/tsconfig/all.json'),
    { noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )?.options ?? {}

/** A host's file that makes mistakes, as an editor would check it. */
const file = join(root, 'packages/workshop/test/made-up-host.ts')
const text = `
import { createMcpClient } from '@mcpclient/core'
import { slack } from '@mcpclient/slack'
const ada = createMcpClient({ connectors: { slack: slack({ token: 'x' }) } }).as('ada')
void ada.slack.call('send_mesage', { text: 'Hi' })
void ada.slack.getData('send_message', { text: 'Hi' })
void ada.slack.sendData('list_channels', {})
for await (const page of ada.slack.pages('get_user', { user: 'U1' })) void page
void ada.slack.call('send_message', { txt: 'Hi' })
`

/** A host without mistakes. Each `^` stands before a name that an editor's user points at. */
const pointed = `
import { createMcpClient } from '@mcpclient/core'
import { hello } from '@mcpclient/hello'
import { mcpServer } from '@mcpclient/mcp'
import { slack } from '@mcpclient/slack'
import { webSearch } from '@mcpclient/web-search'
const ^mcp = createMcpClient({
  connectors: {
    slack: slack({ ^defaultChannel: 'C0' }),
    hello: hello(),
    web: webSearch({ provider: 'brave', apiKey: 'k' }),
    docs: mcpServer({ url: 'https://docs.example/mcp' }),
  },
})
export const ^ada = mcp.as('ada')
void ada.^slack
void ada.^hello
void ada.^web
void ada.^docs
void ada.hello.^call('greet', { name: 'Ada' })
`

/** Returns the text that an editor shows at each mark: the type, then the docstring. */
function hovers(): readonly string[] {
  const [first = '', ...rest] = pointed.split('^')
  const source = [first, ...rest].join('')
  const options = hostOptions()
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = path === file ? source : ts.sys.readFile(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => path === file || ts.sys.fileExists(path),
  })
  let position = first.length
  return rest.map((after) => {
    const info = service.getQuickInfoAtPosition(file, position)
    position += after.length
    return ts.displayPartsToString([...(info?.displayParts ?? []), ...(info?.documentation ?? [])])
  })
}

function errorsIn(source: string): readonly string[] {
  const options = hostOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, getSourceFile, readFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.readFile = (path) => (path === file ? source : readFile(path))
  host.getSourceFile = (path, target, ...rest) =>
    path === file ? ts.createSourceFile(path, source, target, true) : getSourceFile(path, target, ...rest)
  const program = ts.createProgram([file], options, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

it(
  'lists the tools in the error about a wrong tool name, and no internal type',
  () => {
    const errors = errorsIn(text)
    expect(errors).toEqual([
      expect.stringMatching(/parameter of type .*"delete_message" \| .*"list_channels" \| /),
      expect.stringMatching(/parameter of type '"list_channels" \| .*"get_user" \| /),
      expect.stringMatching(/parameter of type .*"join_channel" \| .*"send_message" \| /),
      expect.stringMatching(/parameter of type '"list_channels" \| .*"list_users" \| /),
      expect.stringContaining(`'txt' does not exist in type '{ text: string; thread_ts?: string`),
    ])
    expect(Math.max(...errors.map(({ length }) => length))).toBeLessThan(400)
  },
  COMPILE_TIMEOUT_MS,
)

it(
  'shows a client, its connectors and a call in a few lines on hover',
  () => {
    const clients = `{
    readonly slack: Connector<SlackTypes>;
    readonly hello: Connector<HelloTypes>;
    readonly web: Connector<WebSearchTypes>;
    readonly docs: ServerConnector<{}>;
}`
    expect(hovers()).toEqual([
      `const mcp: McpClient<${clients}, false>`,
      expect.stringMatching(
        /^\(property\) defaultChannel\?: string \| undefined.*channel of send_message and schedule_message/s,
      ),
      `const ada: Clients<${clients}>`,
      '(property) slack: DefinedClient<SlackTypes>',
      '(property) hello: DefinedClient<HelloTypes>',
      '(property) web: DefinedClient<WebSearchTypes>',
      '(property) docs: McpServerClient<{}>',
      expect.stringMatching(
        /^\(method\) ConnectorClient<HelloTypes>\.call<"greet">\(tool: "greet", input: \{\s+name: string;\s+\}, .{1,80}Calls a tool\./s,
      ),
    ])
  },
  COMPILE_TIMEOUT_MS,
)
