/** A wait that ends early when it is woken: between polls, between tries. */
export interface Pause {
  /** Resolves after `ms`, or at once if `wake` was called since the last wait. */
  wait(ms: number): Promise<void>
  wake(): void
}

export function createPause(): Pause {
  let woken = false
  let end: (() => void) | undefined
  return {
    wait(ms) {
      if (woken) {
        woken = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        const timer = setTimeout(finish, ms)
        function finish(): void {
          clearTimeout(timer)
          end = undefined
          woken = false
          resolve()
        }
        end = finish
      })
    },
    wake() {
      woken = true
      end?.()
    },
  }
}
