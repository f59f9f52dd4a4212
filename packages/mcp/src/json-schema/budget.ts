/** Thrown when a validation takes more steps than a server's data may cause. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'
}

/** Counts the steps of one validation, so that no schema and no value can block the event loop. */
export class Budget {
  #left: number

  constructor(steps: number) {
    this.#left = steps
  }

  /** @throws BudgetExceeded if the steps are used up */
  use(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new BudgetExceeded('the check takes too many steps')
  }
}
