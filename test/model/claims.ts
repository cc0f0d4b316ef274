// Claims (C4 with `lock: 'fleet'`) as a model of their own: three processes want one answer under the same versions.
import type { Model, Step } from './explorer.ts'
import { changed } from './parts/change.ts'
import { processName } from './parts/names.ts'

/** What a claim does so that one process runs while the others wait. */
export const claimSafeguards = {
  /** A claim is made only where nobody holds one. */
  onlyOneHoldsTheClaim: true,
  /** A holder that lives renews its claim. */
  claimsAreRenewed: true,
  /** A holder lets go of the claim only if it is still its own. */
  onlyHoldersLetGo: true,
  /** Whoever gets the claim looks into L2 once more: its last look may be older than the former holder's answer. */
  holdersLookAgain: true,
  /** The answer is in L2 before the claim is free. */
  answersAreStoredFirst: true,
  /** Who waited long enough runs by itself: a holder may take for ever. */
  waitsAreBounded: true,
}

/** One of them. */
export type ClaimSafeguard = keyof typeof claimSafeguards

type Keeps = Readonly<Record<ClaimSafeguard, boolean>>

/** A process that wants the answer. */
interface Runner {
  readonly phase: 'looking' | 'asking' | 'holding' | 'running' | 'releasing' | 'storing' | 'waiting' | 'done'
  /** Ticks spent waiting. */
  readonly waited: number
  /** Runs without a claim: it was paused until its own ran out, or it waited long enough. */
  readonly outside?: true
}

/** All of them, and what Redis holds. */
interface State {
  readonly holder: number | undefined
  /** Whether L2 has the answer. */
  readonly filled: boolean
  readonly runners: readonly Runner[]
  readonly pauses: number
  readonly broken?: string
}

const PROCESSES = [0, 1, 2]
/** Ticks that a process waits. A claim lives for one tick without renewal. */
const PATIENCE = 2

/** Claims, whole unless told otherwise. */
export function claims(keeps: Keeps = claimSafeguards): Model<State> {
  const runners = PROCESSES.map((): Runner => ({ phase: 'looking', waited: 0 }))
  return {
    initial: { holder: undefined, filled: false, runners, pauses: 1 },
    steps: (state) => [
      ...PROCESSES.flatMap((p) => actions[state.runners[p]!.phase](keeps, state, p)),
      ...ticks(keeps, state),
    ],
    broken: ({ broken }) => broken,
    encode: (state) => JSON.stringify(state),
  }
}

type Action = (keeps: Keeps, state: State, p: number) => Step<State>[]

const actions: Readonly<Record<Runner['phase'], Action>> = {
  looking: (_, state, p) =>
    state.filled ? to(state, p, 'finds the answer', 'done') : to(state, p, 'finds nothing', 'asking'),
  asking({ onlyOneHoldsTheClaim }, state, p) {
    if (state.holder !== undefined && onlyOneHoldsTheClaim) return to(state, p, 'asks for the claim in vain', 'waiting')
    return to({ ...state, holder: p }, p, 'gets the claim', 'holding')
  },
  holding({ holdersLookAgain }, state, p) {
    if (state.filled && holdersLookAgain) return to(state, p, 'finds the answer after all', 'releasing')
    return to(judged(state, p), p, 'runs', 'running')
  },
  running(keeps, state, p) {
    const ends = keeps.answersAreStoredFirst
      ? to({ ...state, filled: true }, p, 'stores its answer', 'releasing')
      : to(released(keeps, state, p), p, 'lets go of the claim', 'storing')
    return [...ends, ...to(state, p, 'fails', 'releasing')]
  },
  releasing: (keeps, state, p) => to(released(keeps, state, p), p, 'lets go of the claim', 'done'),
  storing: (_, state, p) => to({ ...state, filled: true }, p, 'stores its answer', 'done'),
  waiting({ waitsAreBounded }, state, p) {
    if (state.filled || state.holder === undefined) return to(state, p, 'looks again', 'looking')
    if (state.runners[p]!.waited < PATIENCE || !waitsAreBounded) return []
    return to(state, p, 'has waited enough and runs', 'running', { outside: true })
  },
  done: () => [],
}

function to(
  state: State,
  p: number,
  name: string,
  phase: Runner['phase'],
  change: Partial<Runner> = {},
): Step<State>[] {
  return [{ name: `${processName(p)} ${name}`, state: withRunner(state, p, { ...change, phase }) }]
}

const withRunner = (state: State, p: number, change: Partial<Runner>): State => ({
  ...state,
  runners: changed(state.runners, p, (former) => ({ ...former, ...change })),
})

function released({ onlyHoldersLetGo }: Keeps, state: State, p: number): State {
  return state.holder === p || !onlyHoldersLetGo ? { ...state, holder: undefined } : state
}

/** One run at a time, and none once there is an answer; but for those who could not know. */
function judged(state: State, p: number): State {
  if (state.runners[p]!.outside === true) return state
  const isRun = ({ phase, outside }: Runner) => (phase === 'running' || phase === 'storing') && outside !== true
  const other = state.runners.findIndex((runner, i) => i !== p && isRun(runner))
  if (other !== -1) return { ...state, broken: `C4: ${processName(p)} runs although ${processName(other)} does` }
  return state.filled ? { ...state, broken: `C4: ${processName(p)} runs although L2 has the answer` } : state
}

/** Nobody waits past his patience. */
function ticks(keeps: Keeps, state: State): Step<State>[] {
  const impatient = state.runners.findIndex(({ phase, waited }) => phase === 'waiting' && waited === PATIENCE)
  if (impatient === -1) return passing(keeps, state)
  if (keeps.waitsAreBounded) return []
  return [{ name: 'a tick passes', state: { ...state, broken: `C4: ${processName(impatient)} waits without end` } }]
}

/** Living holders renew; one of them may be paused instead, and then no longer holds what it believes it holds. */
function passing({ claimsAreRenewed }: Keeps, state: State): Step<State>[] {
  const { holder } = state
  const later = (runner: Runner) => (runner.phase === 'waiting' ? { ...runner, waited: runner.waited + 1 } : runner)
  const passed = { ...state, runners: state.runners.map(later) }
  const isAtWork = holder !== undefined && ['holding', 'running', 'releasing'].includes(state.runners[holder]!.phase)
  if (!isAtWork || !claimsAreRenewed) return [{ name: 'a tick passes', state: { ...passed, holder: undefined } }]
  const renewed = { name: 'the claim is renewed, a tick passes', state: passed }
  if (state.pauses === 0) return [renewed]
  const paused = withRunner({ ...passed, pauses: state.pauses - 1, holder: undefined }, holder, { outside: true })
  return [renewed, { name: `a tick passes while ${processName(holder)} is paused`, state: paused }]
}
