import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })
const write = (line = ''): void => void process.stdout.write(`${line}\n`)

/** Prints what an example does and checks each claim it makes. */
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

  /** Prints a detail. */
  note(text: string): void {
    for (const line of text.split('\n')) write(`      ${paint('dim', line)}`)
  }

  /** Prints a claim that holds. Throws for one that does not, which ends the run. */
  claim(text: string, holds: boolean): void {
    if (!holds) throw new Error(`Claim failed: ${text}`)
    this.#claims++
    write(`      ${paint('green', '✓')} ${text}`)
  }

  end(): void {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1)
    write()
    write(
      `  ${paint('green', `${this.#claims} checks passed`)} ${paint('dim', `in ${seconds} s. Nothing is left running.`)}`,
    )
    write()
  }

  failed(error: unknown): void {
    write()
    write(`  ${paint('red', '✗')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    write()
  }
}
