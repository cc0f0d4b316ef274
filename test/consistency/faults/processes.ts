// Processes of the fleet stand still or die.
import type { Fault } from './fault.ts'

export const pauseApp: Fault = {
  name: 'pause-app',
  about: 'SIGSTOP and SIGCONT of a process',
  async strike(stage) {
    const member = stage.pickMember()
    await member.freeze()
    await stage.pause(100, 2_000)
    member.thaw()
  },
}

export const killApp: Fault = {
  name: 'kill-app',
  about: 'kill -9 of a process, which is started again',
  async strike(stage) {
    const member = stage.pickMember()
    await member.kill()
    await stage.pause(0, 100)
    await member.start()
  },
}
