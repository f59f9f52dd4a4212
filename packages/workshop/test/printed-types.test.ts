import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { root } from '../src/tree.ts'

/** Compiling a host's whole program takes long on a busy machine. */
const COMPILE_TIMEOUT_MS = 180_000

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

function errorsIn(source: string): readonly string[] {
  const options = ts.getParsedCommandLineOfConfigFile(
    join(root, 'packages/workshop/tsconfig/all.json'),
    { noEmit: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )?.options
  const host = ts.createCompilerHost(options ?? {})
  const { fileExists, getSourceFile, readFile } = host
  host.fileExists = (path) => path === file || fileExists(path)
  host.readFile = (path) => (path === file ? source : readFile(path))
  host.getSourceFile = (path, target, ...rest) =>
    path === file ? ts.createSourceFile(path, source, target, true) : getSourceFile(path, target, ...rest)
  const program = ts.createProgram([file], options ?? {}, host)
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

it(
  'lists the tools in the error about a wrong tool name, and no internal type',
  () => {
    const errors = errorsIn(text)
    expect(errors.map((error) => error.replaceAll(/" \| "/g, ' ').slice(0, 140))).toEqual([
      expect.stringContaining(`parameter of type '"send_message update_message delete_message`),
      expect.stringContaining(`parameter of type '"list_scheduled_messages list_channels get_channel`),
      expect.stringContaining(`parameter of type '"send_message update_message delete_message`),
      expect.stringContaining(`parameter of type '"list_scheduled_messages list_channels`),
      expect.stringContaining(`'txt' does not exist in type '{ text: string; thread_ts?: string`),
    ])
    expect(Math.max(...errors.map(({ length }) => length))).toBeLessThan(400)
  },
  COMPILE_TIMEOUT_MS,
)
