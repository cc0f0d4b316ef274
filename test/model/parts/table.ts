// The tokens a process holds, and when it may use them.
import { acknowledged, changed, withProcess } from './change.ts'
import { isMarker } from './redis.ts'
import { D, echoesAreChecked, maxStaleOf, type Setting } from './scenario.ts'
import type { Command, Process, Slot, State, Token, Validation } from './state.ts'

/** A token that may be used now, and what its validation knows. */
export interface Usable {
  readonly token: Token
  readonly knows: number
}

/** The token of a tag, if it was validated recently enough: within D, or within `maxStale` where Redis cannot be asked. */
export function usable(setting: Setting, state: State, process: number, tag: number): Usable | undefined {
  const owner = state.processes[process]!
  const slot = owner.slots[tag]
  if (slot === undefined || isJournalled(setting, owner, tag, slot)) return undefined
  const { age, knows } = validated(setting, owner, slot)
  const patience = owner.up && slot.local !== true ? D : maxStaleOf(setting)
  return age > patience && setting.keeps.validationsExpire ? undefined : { token: slot.token, knows }
}

/** Until Redis knows of a bump made here, only our own tokens count. */
function isJournalled({ keeps }: Setting, { journal }: Process, tag: number, slot: Slot): boolean {
  return keeps.journalComesBeforeTrust && tag === 0 && journal > 0 && slot.local !== true
}

/** The last instant at which the token is known to have been right. A marker vanishes without a word: only reading it tells. */
function validated(setting: Setting, { proof, checked, bus }: Process, slot: Slot): Validation {
  if (proof === undefined || proof.session !== slot.session || proof.session !== bus.session) return slot
  if (isMarker(slot.token) && setting.keeps.markersAreProvenByReadsAlone) return slot
  return later(slot, echoesAreChecked(setting) ? earlier(proof, checked) : proof)
}

const later = (a: Validation, b: Validation): Validation => ({
  age: Math.min(a.age, b.age),
  knows: Math.max(a.knows, b.knows),
})

const earlier = (a: Validation, b: Validation): Validation => ({
  age: Math.max(a.age, b.age),
  knows: Math.min(a.knows, b.knows),
})

export function withSlot(state: State, process: number, tag: number, slot: Slot | undefined): State {
  return withProcess(state, process, { slots: changed(state.processes[process]!.slots, tag, () => slot) })
}

/** Takes over what Redis said. */
export function enter(setting: Setting, state: State, process: number, tag: number, token: Token, by: Command): State {
  const age = setting.keeps.validationsAreDatedBySending ? by.age : 0
  return withSlot(state, process, tag, { token, age, knows: by.knows, session: by.session })
}

/** A token of our own. */
export function makeLocal(state: State, process: number, tag: number): State {
  const { locals, own } = state.processes[process]!
  const slot: Slot = { token: `local:${locals + 1}`, age: 0, knows: own, session: 0, local: true }
  return withSlot(withProcess(state, process, { locals: locals + 1 }), process, tag, slot)
}

/** Everything is forgotten. */
export function forgetAll(state: State, process: number): State {
  return withProcess(state, process, { slots: state.processes[process]!.slots.map(() => undefined), proof: undefined })
}

/** What a validation that is sent now will know. */
export const sentNow = (state: State): Validation => ({ age: 0, knows: acknowledged(state) })

/** The tokens made without Redis are forgotten. */
export function forgetLocal(state: State, process: number): State {
  const slots = state.processes[process]!.slots.map((slot) => (slot?.local === true ? undefined : slot))
  return withProcess(state, process, { slots })
}
