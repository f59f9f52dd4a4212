/** What a process of the bench can be asked, each by its name. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>

interface Question {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: string }

/** Answers the questions of the process that started this one, until that one lets go. */
export function answerQuestions(answers: Answers): void {
  process.on('message', (question: Question) => {
    void answer(answers, question).then((reply) => process.send?.(reply))
  })
  process.on('disconnect', () => process.exit(0))
}

async function answer(answers: Answers, { id, name, input }: Question): Promise<Answer> {
  try {
    const asked = answers[name]
    if (asked === undefined) throw new Error(`Nobody here knows ${name}.`)
    return { id, value: await asked(input as never) }
  } catch (error) {
    return { id, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
