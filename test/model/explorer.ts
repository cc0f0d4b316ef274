// Walks through every state that a model can reach, the nearest first, and finds the shortest way to one that breaks a property.

/** One thing that can happen in a state, and the state it leads to. */
export interface Step<State> {
  readonly name: string
  readonly state: State
}

/** What is explored. States are immutable values. */
export interface Model<State> {
  readonly initial: State
  /** Everything that can happen next; nothing when all is over. */
  steps(state: State): readonly Step<State>[]
  /** Which property this state breaks, if it breaks one. */
  broken(state: State): string | undefined
  /** The state as text: equal for equal states, and for no others. */
  encode(state: State): string
}

/** The shortest way to a broken property. */
export interface Violation {
  readonly property: string
  /** The names of the steps that lead there. */
  readonly trace: readonly string[]
}

/** What an exploration has found. */
export interface Exploration {
  /** How many states were reached. */
  readonly states: number
  /** Undefined when every state that can be reached keeps every property. */
  readonly violation: Violation | undefined
}

/** How a state was reached; the states themselves are let go once their steps are known. */
interface Arrival {
  readonly name: string
  readonly from: Arrival | undefined
}

interface Reached<State> {
  readonly state: State
  readonly arrival: Arrival
}

/**
 * Explores breadth-first, so that the first violation is one of the shortest.
 *
 * @param most states after which the exploration gives up: a model that is not finite proves nothing
 * @throws RangeError past that bound
 */
export function explore<State>(model: Model<State>, most: number): Exploration {
  const seen = new Set([model.encode(model.initial)])
  let frontier: Reached<State>[] = [{ state: model.initial, arrival: { name: '', from: undefined } }]
  while (frontier.length > 0) {
    const next: Reached<State>[] = []
    for (const reached of allNext(model, frontier)) {
      const property = model.broken(reached.state)
      if (property !== undefined) return { states: seen.size, violation: { property, trace: traceTo(reached.arrival) } }
      const code = model.encode(reached.state)
      if (!seen.has(code)) next.push(reached)
      seen.add(code)
    }
    if (seen.size > most) throw new RangeError(`The model has more than ${most} states`)
    frontier = next
  }
  return { states: seen.size, violation: undefined }
}

function* allNext<State>(model: Model<State>, frontier: readonly Reached<State>[]): Generator<Reached<State>> {
  for (const { state, arrival } of frontier) {
    for (const step of model.steps(state)) yield { state: step.state, arrival: { name: step.name, from: arrival } }
  }
}

function traceTo(last: Arrival): string[] {
  const names: string[] = []
  for (let at = last; at.from !== undefined; at = at.from) names.unshift(at.name)
  return names
}

/** A violation as a person reads it: numbered steps, then what is wrong. */
export function printed({ property, trace }: Violation): string {
  const steps = trace.map((name, i) => `${String(i + 1).padStart(4)}. ${name}`)
  return [...steps, `      => ${property}`].join('\n')
}
