/** What an access list may forbid, and which clause of the consistency contract that costs. */

const noVersions =
  'tags get no versions, nothing new is stored, and other processes do not learn of writes made here: C1 and C2 no longer hold for them'

const lost: Readonly<Record<string, string>> = {
  info: 'a restored or failed-over Redis may revive what it had forgotten: C0 no longer holds then',
  eval: noVersions,
  time: noVersions,
  subscribe: 'bumps are read instead of heard: other processes lag by up to D (C2), strong routes read each tag (C1)',
  publish: 'bumps made here are not heard elsewhere: C1 no longer holds there, other processes lag by up to D (C2)',
  channel: 'bumps are read instead of heard: strong routes of others may lag (C1), all processes by up to D (C2)',
  get: 'L2 and versions are not read: nothing is stored or answered (C1 and C2 hold)',
  set: 'nothing is stored in L2',
}

/** The command that an error reply says is forbidden, in lower case; `channel` where it is the channels. */
export function forbiddenCommand(message: string): string | undefined {
  if (!message.startsWith('NOPERM')) return undefined
  const [, quoted, plain] = /'(\w+)[^']*' command|NOPERM (\w+) is forbidden/.exec(message) ?? []
  const command = (quoted ?? plain)?.toLowerCase()
  if (command === undefined) return /channel/.test(message) ? 'channel' : undefined
  return command === 'evalsha' ? 'eval' : command
}

/** What is lost without the command. */
export function lostWithout(command: string): string {
  return lost[command] ?? 'what needs it is done without'
}
