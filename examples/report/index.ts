import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })
const write = (line = ''): void => void process.stdout.write(`${line}\n`)

/** A short report for a person: what was tried, what came of it, and whether that is what was promised. */
export class Report {
  readonly #started = performance.now()
  #claims = 0
  #chapter = 0

  title(text: string, subtitle: string): void {
    write()
    write(`  ${paint('bold', text)}`)
    write(`  ${paint('dim', subtitle)}`)
  }

  chapter(text: string): void {
    write()
    write(`  ${paint('cyan', String(++this.#chapter).padStart(2))}  ${paint('bold', text)}`)
  }

  /** Something seen on the way. */
  note(text: string): void {
    for (const line of text.split('\n')) write(`      ${paint('dim', line)}`)
  }

  /** Something promised. A promise that is not kept ends the run. */
  claim(text: string, kept: boolean): void {
    if (!kept) throw new Error(`This did not happen: ${text}`)
    this.#claims++
    write(`      ${paint('green', '✓')} ${text}`)
  }

  end(): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1)
    write()
    write(
      `  ${paint('green', `${this.#claims} claims, all kept`)} ${paint('dim', `in ${seconds} s. Nothing is left running.`)}`,
    )
    write()
  }

  failed(error: unknown): void {
    write()
    write(`  ${paint('red', '✗')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    write()
  }
}
