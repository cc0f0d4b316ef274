// A process that simulates what it is told to, and tells what came of it.
import { type Simulation, simulate } from './simulate.ts'

process.on('message', (simulation: Simulation) => {
  simulate(simulation).then(
    ({ outcome }) => process.send!(outcome),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
