/**
 * A time limit for an answer from Redis that does not mistake our own delay for theirs.
 *
 * When the event loop stalls, timers run before the sockets are read, so a plain timer would expire although the
 * answer is already waiting. The verdict is therefore put off until after one round of reading.
 */
export function answerWithin<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const expired = () => reject(new Error(`no answer from Redis within ${milliseconds} ms`))
    const timer = setTimeout(() => setImmediate(expired), milliseconds)
    answer.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
