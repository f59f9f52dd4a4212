import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock, Logger } from '@mcpclient/core'
import { endProcessTree } from './end-process-tree.ts'
import { LineReader } from './line-reader.ts'
import { startProcessTree } from './process-tree.ts'
import type { ProcessOptions, ProcessTree } from './process-tree.ts'
import { responseId } from './response-id.ts'
import { logStderr } from './stderr-log.ts'
import type { StderrLog } from './stderr-log.ts'

/** Milliseconds between the end of a program and the end of its output, whichever comes first. */
const LAST_MOMENT_MS = 200

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

  constructor(options: ProcessTransportOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { logger, clock, secrets } = this.#options
    const tree = startProcessTree(this.#options)
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

  epitaph(): string | undefined {
    const { exitCode, signalCode } = this.#tree?.root ?? {}
    const end = signalCode ? `It was ended by ${signalCode}.` : `It ended with code ${exitCode}.`
    const words = this.#stderr?.lastWords()
    const ended = exitCode !== null && exitCode !== undefined ? true : Boolean(signalCode)
    return [ended ? end : undefined, words && `Its last words: ${words}`].filter(Boolean).join(' ') || undefined
  }

  #listen(tree: ProcessTree): void {
    const { logger, maxMessageBytes } = this.#options
    const reader = new LineReader(maxMessageBytes, {
      onLine: (line) => {
        this.#receive(line)
      },
      onOverlong: (head, tail) => {
        const id = responseId(head, tail)
        logger.warn({ id, maxMessageBytes }, 'Left out a message that is too long.')
        this.#options.onRefusedAnswer(id, this.#tooLong())
      },
    })
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
    if (line === '') return
    let message: JSONRPCMessage
    try {
      message = deserializeMessage(line)
    } catch (error) {
      // Programs print to their output what belongs elsewhere; that is no message, and no reason to stop.
      this.onerror?.(error instanceof Error ? error : new Error(String(error)))
      return
    }
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

  #cannotStart(error: NodeJS.ErrnoException): ConnectorError {
    const { serverId, command } = this.#options
    const missing = error.code === 'ENOENT' || error.code === 'EACCES'
    return new ConnectorError(
      missing ? 'CONFIGURATION_ERROR' : 'MCP_CONNECTION_ERROR',
      `${serverId} cannot be started: ${command} gives ${error.code ?? 'an error'}.`,
      { outcome: 'not_processed', hint: 'Is the command installed, on the PATH, and is the working directory there?' },
      { cause: error },
    )
  }

  #gone(): ConnectorError {
    const message = `${this.#options.serverId} is not running.`
    return new ConnectorError('MCP_CONNECTION_ERROR', message, { outcome: 'not_processed', hint: this.epitaph() })
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
