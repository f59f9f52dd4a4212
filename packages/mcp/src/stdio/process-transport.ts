import { existsSync } from 'node:fs'
import { parseJSONRPCMessage, serializeMessage } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock, Logger } from '@mcpclient/core'
import { repairedMessage } from '../wire/envelope.ts'
import { endProcessTree } from './end-process-tree.ts'
import { LineReader } from './line-reader.ts'
import { startProcessTree } from './process-tree.ts'
import type { ProcessOptions, ProcessTree } from './process-tree.ts'
import { responseId } from './response-id.ts'
import { logStderr } from './stderr-log.ts'
import type { StderrLog } from './stderr-log.ts'
import { UnreadableOutput } from './unreadable-output.ts'
import { isNotStarted } from './watchdog.ts'

/** Milliseconds between the end of a program and the end of its output, whichever comes first. */
const LAST_MOMENT_MS = 200

/** Errors of the system that no second attempt makes good. */
const permanent = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC', 'E2BIG', 'EPERM', 'ERR_INVALID_ARG_VALUE'])

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessTransportOptions extends ProcessOptions {
  readonly serverId: string
  readonly logger: Logger
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly secrets: readonly string[]
  readonly onRefusedAnswer: (id: RequestId | undefined, error: ConnectorError) => void
}

/**
 * A server as a child process: one JSON-RPC message a line. Unlike the SDK's own transport it ends the whole tree of
 * processes, and survives a message that is too long.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  readonly #options: ProcessTransportOptions
  #tree: ProcessTree | undefined
  #stderr: StderrLog | undefined
  #ending: Promise<void> | undefined
  #closed = false
  #holders = 0
  #reader: LineReader | undefined
  #unreadable: UnreadableOutput
  /** Whether the program ever sent a message. */
  #speaks = false
  /** How the program ended by itself. */
  #exit: Exit | undefined

  constructor(options: ProcessTransportOptions) {
    this.#options = options
    this.#unreadable = new UnreadableOutput(options.secrets)
  }

  async start(): Promise<void> {
    const { logger, clock, secrets } = this.#options
    const tree = this.#startTree()
    this.#tree = tree
    if (this.#holders === 0) tree.release()
    this.#stderr = logStderr(tree.stderr, { logger, clock, secrets })
    this.#listen(tree)
    await new Promise<void>((resolve, reject) => {
      tree.root.once('spawn', resolve)
      tree.root.once('error', (error) => {
        reject(this.#cannotStart(error))
      })
    })
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const tree = this.#tree
    if (tree === undefined || this.#ending !== undefined || !tree.stdin.writable) throw this.#gone()
    if (tree.stdin.write(serializeMessage(message))) return
    await new Promise<void>((resolve) => {
      const go = () => {
        tree.stdin.off('drain', go).off('close', go)
        resolve()
      }
      tree.stdin.on('drain', go).on('close', go)
    })
  }

  /** Ends the process and all that it started. */
  async close(): Promise<void> {
    await this.#end()
    this.#tellClosed()
  }

  hold(): void {
    this.#holders += 1
    if (this.#holders === 1) this.#tree?.hold()
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0 && this.#ending === undefined) this.#tree?.release()
  }

  /** Adds the program's exit and its output to a failure of the connection. */
  explain(failure: ConnectorError): ConnectorError {
    const { serverId, command, watchdog } = this.#options
    const exit = this.#exit
    if (watchdog && !this.#speaks && isNotStarted(exit?.code ?? null)) return this.#cannotStart({ code: 'ENOENT' })
    const stderr = this.#stderr?.lastWords()
    const stdout = this.#speaks ? undefined : this.#unreadable.text(this.#reader?.pending ?? '')
    const hint = [
      failure.details.hint,
      exit && (exit.signal === null ? `It ended with code ${exit.code}.` : `It was ended by ${exit.signal}.`),
      stderr && `Its last words: ${stderr}`,
      stdout && `It wrote to its standard output what is not MCP: ${stdout}`,
      this.#advice(exit, stdout ?? stderr),
    ]
    const details = { ...failure.details, hint: hint.filter(Boolean).join(' ') || undefined }
    const how = exit && (exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`)
    const when = this.#speaks ? '' : ' before it spoke MCP'
    const message = how === undefined ? failure.message : `${serverId} is not running: ${command} ${how}${when}.`
    return new ConnectorError(failure.code, message, details, { cause: failure })
  }

  #advice(exit: Exit | undefined, output: string | undefined): string | undefined {
    if (this.#speaks) return undefined
    if (exit !== undefined) return 'Run the command with its `args` and `env` in a terminal.'
    return output === undefined
      ? 'Check that the command is an MCP server over stdio: it wrote nothing.'
      : 'Check that the command is an MCP server over stdio: one message a line, logs to standard error.'
  }

  #startTree(): ProcessTree {
    try {
      return startProcessTree(this.#options)
    } catch (error) {
      throw this.#cannotStart(error as NodeJS.ErrnoException)
    }
  }

  #listen(tree: ProcessTree): void {
    const { logger, maxMessageBytes } = this.#options
    const reader = (this.#reader = new LineReader(maxMessageBytes, {
      onLine: (line) => {
        this.#receive(line)
      },
      onOverlong: (head, tail) => {
        const id = responseId(head, tail)
        logger.warn({ id, maxMessageBytes }, 'Left out a message that is too long.')
        if (id === undefined) this.#unreadable.add(head)
        this.#options.onRefusedAnswer(id, this.#tooLong())
      },
    }))
    tree.stdout.on('data', (chunk: Buffer) => {
      reader.push(chunk)
    })
    const onFailure = (error: Error) => this.onerror?.(error)
    tree.stdin.on('error', onFailure)
    tree.stdout.on('error', onFailure)
    tree.stderr.on('error', onFailure)
    const onEnd = () => {
      // What the program started may still run, and nobody else would end it.
      this.#end().catch(onFailure)
      this.#tellClosed()
    }
    tree.root.once('exit', (code, signal) => {
      // One that was ended from here has no reason of its own.
      if (this.#ending === undefined) this.#exit = { code, signal }
    })
    tree.root.once('close', onEnd)
    const endSoon = () => {
      this.#options.clock.schedule(LAST_MOMENT_MS, onEnd)
    }
    // No answer can come any more; a moment later it is usually known how the program ended, too.
    tree.stdout.once('end', endSoon)
    // What it left behind may hold its output open. What it wrote itself is read within a moment.
    tree.root.once('exit', endSoon)
  }

  #receive(line: string): void {
    // A byte order mark belongs to files, and some runtimes write one to every stream.
    const text = this.#speaks ? line : line.replace(/^\uFEFF/u, '')
    if (text === '') return
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(repairedMessage(JSON.parse(text)))
    } catch (error) {
      // Programs print to their output what belongs elsewhere; that is no message, and no reason to stop.
      this.#unreadable.add(text)
      this.onerror?.(error instanceof Error ? error : new Error(String(error)))
      return
    }
    this.#speaks = true
    this.onmessage?.(message)
  }

  #end(): Promise<void> {
    if (this.#tree === undefined) return Promise.resolve()
    this.#ending ??= endProcessTree(this.#tree, this.#options.clock)
    return this.#ending
  }

  #tellClosed(): void {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.()
  }

  #cannotStart(error: NodeJS.ErrnoException | { readonly code: string }): ConnectorError {
    const { serverId, command, args, cwd } = this.#options
    const { code = 'an error' } = error
    const [program = ''] = command.trim().split(/\s+/u)
    const isLine = code === 'ENOENT' && args.length === 0 && program !== command
    const hint = isLine
      ? `Arguments belong in \`args\`: pass command: '${program}' and the rest in args.`
      : cwd !== undefined && !existsSync(cwd)
        ? 'Create the working directory `cwd`, or pass another one.'
        : 'Install the command, put it on the PATH, or pass its full path.'
    return new ConnectorError(
      permanent.has(code) ? 'CONFIGURATION_ERROR' : 'MCP_CONNECTION_ERROR',
      `${serverId} cannot be started: ${command} gives ${code}.`,
      { outcome: 'not_processed', hint },
      { cause: error },
    )
  }

  #gone(): ConnectorError {
    const message = `${this.#options.serverId} is not running.`
    return this.explain(new ConnectorError('MCP_CONNECTION_ERROR', message, { outcome: 'not_processed' }))
  }

  #tooLong(): ConnectorError {
    const { serverId, maxMessageBytes } = this.#options
    return new ConnectorError(
      'DATA_TRANSFORMATION_ERROR',
      `${serverId} sent a message of over ${maxMessageBytes} bytes.`,
      {
        hint: 'Ask the tool for less, or raise maxMessageBytes.',
      },
    )
  }
}
